package io.tidemark.demo.node;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tidemark.spi.Ballot;
import io.tidemark.spi.Filling;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.Payload;
import io.tidemark.spi.Slot;
import io.tidemark.spi.Version;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What Redis holds for a product, for people. Numbers of 64 bits are texts, because JSON's readers
 * know only 53. Immutable.
 *
 * @param state {@code EMPTY}, {@code PENDING}, {@code VALUE}, {@code ABSENT} or {@code DAMAGED}
 * @param version the version of a value
 * @param fence the fence that may fill, or {@code bulk load}
 * @param floor the highest version known to exist, where there is no value
 * @param ttlMillis how long Redis keeps it
 * @param payload the value
 * @param writer the node that wrote it, as process and host
 * @param writtenAt when, by Redis's clock
 */
record SlotView(
    String state,
    @Nullable String version,
    @Nullable String fence,
    @Nullable String floor,
    @Nullable Long ttlMillis,
    @Nullable JsonNode payload,
    @Nullable String writer,
    @Nullable String writtenAt) {

  /**
   * Shows a slot.
   *
   * @param pttlMillis what Redis says of its key; negative where it keeps nothing, or for ever
   */
  static SlotView of(Slot slot, long pttlMillis) {
    Long ttlMillis = pttlMillis < 0 ? null : pttlMillis;
    if (slot instanceof Slot.Value value) {
      Filling filling = value.filling();
      return new SlotView(
          "VALUE",
          Long.toString(value.version()),
          null,
          null,
          ttlMillis,
          json(value.payload()),
          filling.writer(),
          filling.writtenAt().toString());
    }
    if (slot instanceof Slot.Pending pending) {
      return new SlotView(
          "PENDING",
          null,
          fence(pending.fence()),
          floor(pending.floor()),
          ttlMillis,
          null,
          pending.writer(),
          pending.writtenAt().toString());
    }
    if (slot instanceof Slot.Absent absent) {
      Filling filling = absent.filling();
      return new SlotView(
          "ABSENT",
          null,
          null,
          floor(absent.floor()),
          ttlMillis,
          null,
          filling.writer(),
          filling.writtenAt().toString());
    }
    String state = slot instanceof Slot.Empty ? "EMPTY" : "DAMAGED";
    return new SlotView(state, null, null, null, ttlMillis, null, null, null);
  }

  private static @Nullable String fence(long fence) {
    if (fence == LockHandle.NO_FENCE) {
      return null;
    }
    return Ballot.isBallot(fence) ? "bulk load" : Long.toString(fence);
  }

  private static @Nullable String floor(long floor) {
    return floor == Version.NONE ? null : Long.toString(floor);
  }

  private static JsonNode json(Payload payload) {
    try {
      return Json.MAPPER.readTree(payload.bytes());
    } catch (IOException e) {
      return new TextNode(new String(payload.bytes(), StandardCharsets.UTF_8));
    }
  }
}
