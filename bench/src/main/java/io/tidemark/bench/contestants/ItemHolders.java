package io.tidemark.bench.contestants;

import com.alicp.jetcache.CacheValueHolder;
import java.nio.ByteBuffer;

/** JetCache stores an item with its times: here before the JSON that the others store. */
final class ItemHolders {
  private ItemHolders() {}

  @SuppressWarnings("unchecked") // JetCache's signature has no type.
  static byte[] bytes(Object holder) {
    CacheValueHolder<Item> item = (CacheValueHolder<Item>) holder;
    byte[] json = item.getValue().json();
    return ByteBuffer.allocate(2 * Long.BYTES + json.length)
        .putLong(item.getExpireTime())
        .putLong(item.getAccessTime())
        .put(json)
        .array();
  }

  static CacheValueHolder<Item> value(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    CacheValueHolder<Item> holder = new CacheValueHolder<>();
    holder.setExpireTime(buffer.getLong());
    holder.setAccessTime(buffer.getLong());
    byte[] json = new byte[buffer.remaining()];
    buffer.get(json);
    holder.setValue(Item.of(json));
    return holder;
  }
}
