package io.tidemark.demo.acts;

import io.tidemark.demo.client.NodeAnswers.Product;
import io.tidemark.demo.client.NodeAnswers.Read;
import io.tidemark.demo.client.NodeAnswers.Update;
import io.tidemark.demo.client.NodeClient;
import io.tidemark.judge.Judge;
import io.tidemark.judge.Judge.Reading;
import io.tidemark.judge.Judge.Verdict;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Reads and updates products of one cache through nodes, lets a {@link Judge} look at each answer,
 * and counts. Thread-safe.
 */
final class JudgedCalls {
  private static final double NANOS_PER_MILLI = 1_000_000;

  /** More than a plot has places for. */
  private static final int MOST_TIMED = 20_000;

  private static final String STALE = "cache (stale)";

  private final Side side;
  private final Judge judge = new Judge();
  private final List<TimedCall> timed = new ArrayList<>();
  private Counts counts = new Counts(0, 0, 0, 0, 0, 0);

  JudgedCalls(Side side) {
    this.side = side;
  }

  /**
   * What came of the calls.
   *
   * @param reads how many were answered
   * @param updates how many were acknowledged
   * @param failures how many calls failed, which says nothing about a row
   * @param old reads that were older than an update acknowledged before they began
   * @param back other reads that were older than what another read was answered before they began
   * @param stale reads that were answered, rightly or not, with a value that had expired
   */
  record Counts(long reads, long updates, long failures, long old, long back, long stale) {
    /** How many answers were wrong. */
    long wrong() {
      return old + back;
    }

    /** How many calls there were. */
    long calls() {
      return reads + updates + failures;
    }
  }

  Side side() {
    return side;
  }

  synchronized Counts counts() {
    return counts;
  }

  /** Those that ended first, for a plot. */
  synchronized List<TimedCall> timed() {
    return List.copyOf(timed);
  }

  /** The reads among them. */
  List<TimedCall> timedReads() {
    return timed().stream().filter(call -> call.series().equals(reads())).toList();
  }

  private String reads() {
    return side.title() + ", reads";
  }

  /** Reads a product, and judges the answer. Returns whether there was one. */
  boolean read(NodeClient node, long id) throws InterruptedException {
    Reading reading = judge.begin(id);
    return call(
        reads(),
        () -> side.cache().read(node, id, StageNodes.DB_LATENCY),
        answer -> count(reading, answer));
  }

  /** Writes a product as it is given. Returns whether that was acknowledged. */
  boolean update(NodeClient node, Product product) throws InterruptedException {
    return call(
        side.title() + ", updates",
        () -> side.cache().update(node, product),
        answer -> count(product, answer));
  }

  private interface Request<T> {
    CompletableFuture<T> send();
  }

  private interface Count<T> {
    void of(T answer);
  }

  private <T> boolean call(String series, Request<T> request, Count<T> count)
      throws InterruptedException {
    long beganNanos = System.nanoTime();
    boolean failed = false;
    try {
      count.of(NodeClient.await(request.send()));
    } catch (IOException e) {
      failed = true;
      add(new Counts(0, 0, 1, 0, 0, 0));
    }
    double millis = (System.nanoTime() - beganNanos) / NANOS_PER_MILLI;
    note(new TimedCall(series, Timeline.microsNow(), millis, failed));
    return !failed;
  }

  private void count(Reading reading, Read answer) {
    Verdict verdict = judge.answered(reading, Long.parseLong(answer.version()));
    add(
        new Counts(
            1,
            0,
            0,
            verdict == Verdict.OLD ? 1 : 0,
            verdict == Verdict.BACK ? 1 : 0,
            answer.source().equals(STALE) ? 1 : 0));
  }

  private void count(Product product, Update answer) {
    judge.acknowledged(product.id(), Long.parseLong(answer.version()));
    add(new Counts(0, 1, 0, 0, 0, 0));
  }

  private synchronized void add(Counts more) {
    counts =
        new Counts(
            counts.reads() + more.reads(),
            counts.updates() + more.updates(),
            counts.failures() + more.failures(),
            counts.old() + more.old(),
            counts.back() + more.back(),
            counts.stale() + more.stale());
  }

  private synchronized void note(TimedCall call) {
    if (timed.size() < MOST_TIMED) {
      timed.add(call);
    }
  }
}
