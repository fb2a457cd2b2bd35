package io.tidemark;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What an exception has for each key. Keys are of any class: when the exception is serialized,
 * those that are not {@link Serializable} are left out, which would otherwise keep it from being
 * written at all. Immutable.
 */
final class ByKey<T extends Serializable> implements Serializable {
  private static final long serialVersionUID = 1L;

  private transient Map<Object, T> map;

  ByKey(Map<?, ? extends T> map) {
    this.map = Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }

  /** Cannot be modified. */
  Map<Object, T> map() {
    return map;
  }

  private void writeObject(ObjectOutputStream out) throws IOException {
    LinkedHashMap<Object, T> written = new LinkedHashMap<>(map);
    written.keySet().removeIf(key -> !(key instanceof Serializable));
    out.defaultWriteObject();
    out.writeObject(written);
  }

  @SuppressWarnings("unchecked") // It is what was written.
  private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
    in.defaultReadObject();
    map = Collections.unmodifiableMap((Map<Object, T>) in.readObject());
  }
}
