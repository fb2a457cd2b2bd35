package io.tidemark.redis;

/** The clock of the server that holds a slot, in milliseconds since 1970, as its reader asks it. */
interface SlotClock {
  /** For a reader that ignores all ends: nothing has ended yet. */
  SlotClock STOPPED =
      new SlotClock() {
        @Override
        public long estimate() {
          return 0;
        }

        @Override
        public long roughEstimate() {
          return 0;
        }

        @Override
        public long exact() {
          return 0;
        }
      };

  /** The present time as far as it is known: another server of a cluster may have been asked. */
  long estimate();

  /**
   * An older estimate, or 0 if there is none, for slots that the server removes in time: the server
   * is asked only rarely.
   */
  long roughEstimate();

  /** The time of the server that holds the slot; takes a round trip. */
  long exact();
}
