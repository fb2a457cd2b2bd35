package io.tidemark.bench.contestants;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.redisson.client.codec.BaseCodec;
import org.redisson.client.codec.StringCodec;
import org.redisson.client.protocol.Decoder;
import org.redisson.client.protocol.Encoder;

/** Lets Redisson write items as the others do, and keys as text. */
public final class ItemCodec extends BaseCodec {
  private final Decoder<Object> decoder = (buffer, state) -> Item.of(ByteBufUtil.getBytes(buffer));
  private final Encoder encoder = value -> Unpooled.wrappedBuffer(((Item) value).json());

  /** Redisson makes codecs by their class, too. */
  public ItemCodec() {}

  @Override
  public Decoder<Object> getValueDecoder() {
    return decoder;
  }

  @Override
  public Encoder getValueEncoder() {
    return encoder;
  }

  @Override
  public Decoder<Object> getMapKeyDecoder() {
    return StringCodec.INSTANCE.getMapKeyDecoder();
  }

  @Override
  public Encoder getMapKeyEncoder() {
    return StringCodec.INSTANCE.getMapKeyEncoder();
  }
}
