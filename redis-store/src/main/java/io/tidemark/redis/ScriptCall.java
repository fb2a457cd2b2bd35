package io.tidemark.redis;

import io.tidemark.spi.SlotKey;
import java.util.List;
import java.util.function.Function;

/**
 * One call of a script on one slot. Immutable.
 *
 * @param script the script
 * @param key the slot
 * @param arguments the script's arguments
 * @param answer translates the script's answer
 * @param isRepeatable whether a second run would do no harm
 */
record ScriptCall<A>(
    Script script,
    SlotKey key,
    List<byte[]> arguments,
    Function<Object, A> answer,
    boolean isRepeatable) {}
