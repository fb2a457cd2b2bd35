package io.tidemark.bench;

import io.tidemark.spi.Slot;

/** A step of a read of the cache with locks in ZooKeeper, or the whole of it. */
public enum Step {
  /** What no read of Redis can do without. */
  ROUND_TRIP("a round trip to Redis (PING)") {
    @Override
    void call(StepSite site, int number) {
      Verb.check(site.redis().ping().equals("PONG"));
    }
  },
  /** A bare GET of the entry, as it lies in Redis. */
  GET("GET of an entry") {
    @Override
    void call(StepSite site, int number) {
      Verb.check(site.redis().get(site.entry()) != null);
    }
  },
  /** The read of a store that does not ask for the lineage of the server. */
  READ_KEEPING("the store's read of an entry, with Failover.KEEP") {
    @Override
    void call(StepSite site, int number) {
      Verb.check(site.keepingStore().read(StepSite.CACHED) instanceof Slot.Value);
    }
  },
  /** The read of the store. */
  READ("the store's read of an entry") {
    @Override
    void call(StepSite site, int number) {
      Verb.check(site.store().read(StepSite.CACHED) instanceof Slot.Value);
    }
  },
  /** The read of the cache. */
  HIT("a hit") {
    @Override
    void call(StepSite site, int number) throws Exception {
      Verb.check(site.cache().read(StepSite.CACHED_ITEM).id() == StepSite.CACHED_ITEM);
    }
  },
  /** What no lock in ZooKeeper can do without. */
  ZOOKEEPER_WRITE("a write of ZooKeeper (setData)") {
    @Override
    void call(StepSite site, int number) throws Exception {
      site.write();
    }
  },
  /** The look at a slot that is missed. */
  LOOK("the store's read of an empty slot") {
    @Override
    void call(StepSite site, int number) {
      Verb.check(site.store().read(StepSite.slot(number)) instanceof Slot.Empty);
    }
  },
  /** The lock of a new key. */
  LOCK("the lock of a new key") {
    @Override
    void call(StepSite site, int number) throws Exception {
      site.lock(StepSite.slot(number));
    }
  },
  /** The claim of an empty slot. */
  CLAIM("claim") {
    @Override
    void call(StepSite site, int number) {
      site.call(Verb.CLAIM, number);
    }
  },
  /** The fill of a claimed slot. */
  FILL("fill") {
    @Override
    void prepare(StepSite site, int first, int calls) {
      site.prepare(Verb.FILL, first, calls);
    }

    @Override
    void call(StepSite site, int number) {
      site.call(Verb.FILL, number);
    }
  },
  /** The read of a new key by the cache, from a source that takes no time. */
  MISS("a miss") {
    @Override
    void call(StepSite site, int number) throws Exception {
      Verb.check(site.cache().read(number).id() == number);
    }
  };

  private final String title;

  Step(String title) {
    this.title = title;
  }

  /** What it is called in tables. */
  String title() {
    return title;
  }

  /** Whether it changes nothing. */
  boolean onlyReads() {
    return switch (this) {
      case ROUND_TRIP, GET, READ_KEEPING, READ, HIT, LOOK -> true;
      case ZOOKEEPER_WRITE, LOCK, CLAIM, FILL, MISS -> false;
    };
  }

  /** Prepares calls with these numbers; no number comes twice. */
  void prepare(StepSite site, int first, int calls) {}

  /** Does it once. */
  abstract void call(StepSite site, int number) throws Exception;
}
