package io.tidemark.proof.simulation;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A real thread that runs one strand after another. It moves only while it has the baton, which is
 * handed from thread to thread, so that exactly one moves at any time, and all that one did is seen
 * by the next.
 */
final class Worker implements Runnable {
  private final Thread thread;
  private volatile boolean hasBaton;
  private volatile boolean closed;

  /** The strand to begin with the next baton. Touched only by the strand that has the baton. */
  private @Nullable Strand assigned;

  /** For a thread that exists already, which waits for the baton but runs no strands. */
  Worker(Thread thread) {
    this.thread = thread;
  }

  /** A thread of its own. */
  Worker(String name) {
    this.thread = new Thread(this, name);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  void assign(Strand strand) {
    assigned = strand;
  }

  /** Lets this thread move. The giver must then await its own baton, or touch nothing more. */
  void giveBaton() {
    hasBaton = true;
    LockSupport.unpark(thread);
  }

  /** Stops the thread until it gets the baton. Returns whether it was interrupted before that. */
  boolean awaitBaton() {
    boolean interrupted = false;
    while (!hasBaton && !closed) {
      LockSupport.park(this);
      // Or else the next park would return at once, again and again.
      interrupted |= Thread.interrupted();
    }
    hasBaton = false;
    return interrupted;
  }

  void close() {
    closed = true;
    LockSupport.unpark(thread);
  }

  void join() throws InterruptedException {
    thread.join();
  }

  @Override
  public void run() {
    while (true) {
      awaitBaton();
      if (closed) {
        return;
      }
      Strand strand = assigned;
      while (strand != null) {
        strand.run();
        // No interrupt meant for one strand may reach the next.
        boolean unused = Thread.interrupted();
        strand = strand.agenda().afterEndOf(this);
      }
    }
  }
}
