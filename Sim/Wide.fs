namespace Vrlg.Sim

open System

/// Products of two 64-bit numbers, kept whole until they are divided.
[<RequireQualifiedAccess>]
module internal Wide =
    /// The sum of two counts that are not below 0; it stands at the end of 64 bits.
    let count (a: int64) (b: int64) : int64 =
        if b > Int64.MaxValue - a then Int64.MaxValue else a + b

    /// `a` times `b` over `c`, toward zero. 0 where `c` is 0; the quotient is to fit 64 bits.
    let mulDiv (a: int64) (b: int64) (c: int64) : int64 =
        if c = 0L then
            0L
        else
            Int128.op_Explicit (Int128.op_Implicit a * Int128.op_Implicit b / Int128.op_Implicit c)
