using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Frames;

/// <summary>
/// Orders and fills of the account from the frames of <c>orderUpdates</c>, <c>userFills</c> and <c>user</c>, by scanners for the
/// layout that the venue writes. One for a connection.
/// </summary>
public sealed class AccountFrames(AccountCoins coins)
{
    /// <summary>What <paramref name="frame"/> says into <paramref name="into"/>, which is emptied first.</summary>
    public FrameOutcome Read(ReadOnlySpan<byte> frame, AccountNews into)
    {
        into.Clear();
        var scan = new FrameScanner(frame);
        if (!scan.Skip("{\"channel\":\""u8))
            return FrameOutcome.Other;
        var isRead =
            scan.Skip("orderUpdates\",\"data\":["u8) ? Orders(ref scan, into)
            : scan.Skip("userFills\",\"data\":{"u8) ? UserFills(ref scan, into)
            : scan.Skip("user\",\"data\":{\"fills\":["u8) && Fills(ref scan, into);
        if (isRead)
        {
            if (into.IsForeign)
                Forget(into);
            return FrameOutcome.Decoded;
        }

        into.Clear();
        return FrameOutcome.Other;
    }

    // Of another account nothing is kept but that it came.
    internal static void Forget(AccountNews into)
    {
        into.Clear();
        into.IsForeign = true;
    }

    private bool Orders(ref FrameScanner scan, AccountNews into)
    {
        if (scan.Skip("]}"u8))
            return scan.IsAtEnd;
        do
        {
            if (!Order(ref scan, into))
                return false;
        } while (scan.Skip(","u8));
        return scan.Skip("]}"u8) && scan.IsAtEnd;
    }

    private bool Order(ref FrameScanner scan, AccountNews into)
    {
        if (
            !scan.Skip("{\"order\":{\"coin\":\""u8)
            || !scan.Text(out var coin)
            || !scan.Skip(",\"side\":\""u8)
            || !scan.SideOf(out _)
            || !scan.Skip(",\"limitPx\":\""u8)
            || !scan.Decimal(out _)
            || !scan.Skip(",\"sz\":\""u8)
            || !scan.Decimal(out var left)
            || !scan.Skip(",\"oid\":"u8)
            || !scan.Whole(out var oid)
            || !scan.Skip(",\"timestamp\":"u8)
            || !scan.Time(out _)
            || !scan.Skip(",\"origSz\":\""u8)
            || !scan.Decimal(out var whole)
        )
            return false;
        ReadOnlySpan<byte> cloid = default;
        if (scan.Skip(",\"cloid\":\""u8) && !scan.Text(out cloid))
            return false;
        _ = scan.Skip(",\"reduceOnly\":true"u8);
        if (
            !scan.Skip("},\"status\":\""u8)
            || !scan.Text(out var status)
            || !scan.Skip(",\"statusTimestamp\":"u8)
            || !scan.Time(out var at)
            || !scan.Skip("}"u8)
        )
            return false;
        if (coins.TryFind(coin, out var id) && AccountCoins.TryCloid(cloid, out var number))
            into.Add(
                new OrderNews(id, number, oid, Sz.Of(left), Sz.Of(whole), StatusWords.Of(status), Instant.OfMs(at))
            );
        else
            into.Passed++;
        return true;
    }

    private bool UserFills(ref FrameScanner scan, AccountNews into)
    {
        into.IsSnapshot = scan.Skip("\"isSnapshot\":true,"u8);
        if (!into.IsSnapshot)
            _ = scan.Skip("\"isSnapshot\":false,"u8);
        if (!scan.Skip("\"user\":\""u8) || !scan.Text(out var user) || !scan.Skip(",\"fills\":["u8))
            return false;
        into.IsForeign = !coins.IsUser(user);
        return Fills(ref scan, into);
    }

    private bool Fills(ref FrameScanner scan, AccountNews into)
    {
        if (scan.Skip("]}}"u8))
            return scan.IsAtEnd;
        do
        {
            if (!Fill(ref scan, into))
                return false;
        } while (scan.Skip(","u8));
        return scan.Skip("]}}"u8) && scan.IsAtEnd;
    }

    private bool Fill(ref FrameScanner scan, AccountNews into)
    {
        if (
            !scan.Skip("{\"coin\":\""u8)
            || !scan.Text(out var coin)
            || !scan.Skip(",\"px\":\""u8)
            || !scan.Decimal(out var px)
            || !scan.Skip(",\"sz\":\""u8)
            || !scan.Decimal(out var sz)
            || !scan.Skip(",\"side\":\""u8)
            || !scan.SideOf(out var side)
            || !scan.Skip(",\"time\":"u8)
            || !scan.Time(out var at)
            || !scan.Skip(",\"startPosition\":\""u8)
            || !scan.SkipDecimal()
            || !scan.Skip(",\"dir\":\""u8)
            || !scan.Text(out _)
            || !scan.Skip(",\"closedPnl\":\""u8)
            || !scan.SkipDecimal()
            || !scan.Skip(",\"hash\":\""u8)
            || !scan.Text(out _)
            || !scan.Skip(",\"oid\":"u8)
            || !scan.Whole(out var oid)
            || !scan.Skip(",\"crossed\":"u8)
        )
            return false;
        var isTaker = scan.Skip("true"u8);
        if (
            (!isTaker && !scan.Skip("false"u8))
            || !scan.Skip(",\"fee\":\""u8)
            || !scan.SignedDecimal(out var fee)
            || !Rest(ref scan, out var tid, out var cloid, out var feeToken)
        )
            return false;
        if (coins.TryFind(coin, out var id) && AccountCoins.TryCloid(cloid, out var number))
            into.Add(
                new FillNews(
                    id,
                    number,
                    oid,
                    tid,
                    side,
                    Px.Of(px),
                    Sz.Of(sz),
                    Usd.Of(fee),
                    coins.IsBase(id, feeToken),
                    !isTaker,
                    Instant.OfMs(at),
                    coins.StrangeToken(id, feeToken)
                )
            );
        else
            into.Passed++;
        return true;
    }

    // A fill that belongs to a liquidation is the codec's.
    private static bool Rest(
        ref FrameScanner scan,
        out long tid,
        out ReadOnlySpan<byte> cloid,
        out ReadOnlySpan<byte> feeToken
    )
    {
        tid = 0;
        cloid = default;
        feeToken = default;
        if (scan.Skip(",\"builderFee\":\""u8) && !scan.SkipDecimal())
            return false;
        if (!scan.Skip(",\"tid\":"u8) || !scan.Whole(out tid))
            return false;
        if (scan.Skip(",\"cloid\":\""u8) && !scan.Text(out cloid))
            return false;
        return scan.Skip(",\"feeToken\":\""u8)
            && scan.Text(out feeToken)
            && scan.Skip(",\"twapId\":"u8)
            && (scan.Skip("null"u8) || scan.Whole(out _))
            && scan.Skip("}"u8);
    }
}
