namespace Vrlg.Core

/// A fee rate as a fraction in 1e-10 of the notional: 1 basis point is 1,000,000. Below 0 it is a rebate.
[<Struct; System.Runtime.CompilerServices.IsReadOnly; NoComparison>]
type Rate =
    {
        Raw: int64
    }

    static member Of(raw: int64) : Rate = { Raw = raw }

/// What a fill costs by its role.
[<NoComparison>]
type FeeRates = { Maker: Rate; Taker: Rate }
