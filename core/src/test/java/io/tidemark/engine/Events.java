package io.tidemark.engine;

import io.tidemark.CacheEvent;
import io.tidemark.CacheEvent.Kind;
import io.tidemark.CacheListener;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Remembers what it is told. Thread-safe. */
final class Events implements CacheListener {
  private final List<CacheEvent> told = new CopyOnWriteArrayList<>();

  @Override
  public void on(CacheEvent event) {
    told.add(event);
  }

  List<CacheEvent> all() {
    return List.copyOf(told);
  }

  List<Kind> kinds() {
    return told.stream().map(CacheEvent::kind).toList();
  }

  List<CacheEvent> of(Kind kind) {
    return told.stream().filter(event -> event.kind() == kind).toList();
  }

  int count(Kind kind) {
    return of(kind).size();
  }
}
