using System.Text;
using Vrlg.Adapters.Hyperliquid.Wire;
using Vrlg.Core;

namespace Vrlg.Adapters.Hyperliquid.Frames;

/// <summary>
/// The same frames by the general reader: the way for whatever <see cref="AccountFrames"/> does not know, and its oracle in the
/// tests.
/// </summary>
public sealed class AccountCodec(AccountCoins coins)
{
    /// <summary>
    /// What <paramref name="frame"/> says. <see cref="FrameOutcome.Other"/> without an error: another channel; with one: it is not
    /// what the protocol says, and nothing of it is believed.
    /// </summary>
    public FrameOutcome Read(ReadOnlyMemory<byte> frame, AccountNews into, out WireError? error)
    {
        into.Clear();
        if (!Streams.TryRead(frame, out var message, out error))
            return FrameOutcome.Other;
        try
        {
            switch (message)
            {
                case StreamMessage.OrdersMoved moved:
                    foreach (var row in moved.Rows)
                        Order(row, into);
                    return FrameOutcome.Decoded;
                case StreamMessage.Filled filled when !coins.IsUser(Encoding.UTF8.GetBytes(filled.User)):
                    AccountFrames.Forget(into);
                    return FrameOutcome.Decoded;
                case StreamMessage.Filled filled:
                    into.IsSnapshot = filled.IsSnapshot;
                    Fills(filled.Fills, new WireReader("userFills"), into);
                    return FrameOutcome.Decoded;
                case StreamMessage.UserMoved { News: UserNews.Fills news }:
                    Fills(news.Rows, new WireReader("user"), into);
                    return FrameOutcome.Decoded;
                default:
                    return FrameOutcome.Other;
            }
        }
        catch (WireException e)
        {
            into.Clear();
            error = e.Wrong;
            return FrameOutcome.Other;
        }
    }

    /// <summary>What <c>orderStatus</c> says of one order, into <paramref name="into"/>, which is emptied first.</summary>
    public void Read(OrderRow row, AccountNews into)
    {
        into.Clear();
        Order(new OrderUpdate(row.Order.Order, row.Status, row.StatusMs), into);
    }

    /// <summary>Fills that an answer to a question lists, as those of a snapshot. False: one of them is not what the protocol says.</summary>
    public bool Read(Rows<UserFill> rows, AccountNews into, out WireError? error)
    {
        into.Clear();
        error = null;
        try
        {
            into.IsSnapshot = true;
            Fills(rows, new WireReader("userFillsByTime"), into);
            return true;
        }
        catch (WireException e)
        {
            into.Clear();
            error = e.Wrong;
            return false;
        }
    }

    private bool Ours(string coin, string? cloid, out InstrumentId id, out Cloid number)
    {
        number = Cloid.None;
        return coins.TryFind(Encoding.UTF8.GetBytes(coin), out id)
            && cloid is not null
            && AccountCoins.TryCloid(Encoding.UTF8.GetBytes(cloid), out number);
    }

    private void Order(OrderUpdate row, AccountNews into)
    {
        var order = row.Order;
        if (Ours(order.Coin, order.Cloid, out var id, out var number))
            into.Add(
                new OrderNews(
                    id,
                    number,
                    order.Oid,
                    order.Sz,
                    order.OrigSz ?? Sz.Of(-1),
                    OrderStatuses.ofWord(row.Status),
                    Instant.OfMs(row.StatusMs)
                )
            );
        else
            into.Passed++;
    }

    private void Fills(Rows<UserFill> rows, WireReader read, AccountNews into)
    {
        foreach (var fill in rows)
        {
            // Dust is finer than we count, and never an order of ours: only what is ours must fit.
            if (!Ours(fill.Coin, fill.Cloid, out var id, out var number))
            {
                into.Passed++;
                continue;
            }

            into.Add(
                new FillNews(
                    id,
                    number,
                    fill.Oid,
                    fill.Tid,
                    fill.Side,
                    fill.Px,
                    Sz.Of(Raw(fill.Sz, "sz", read) is var sz and >= 0 ? sz : throw read.Fault("sz", "is below 0")),
                    Usd.Of(Raw(fill.Fee, "fee", read)),
                    coins.IsBase(id, Encoding.UTF8.GetBytes(fill.FeeToken)),
                    !fill.IsTaker,
                    Instant.OfMs(fill.TimeMs),
                    coins.StrangeToken(id, Encoding.UTF8.GetBytes(fill.FeeToken))
                )
            );
        }
    }

    private static long Raw(Numeral number, string field, WireReader read) =>
        number.TryRaw(out var raw) ? raw : throw read.Fault(field, "is finer or larger than a count of 1e-8");
}
