package io.tidemark.redis;

import io.tidemark.spi.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisNoScriptException;

/**
 * Calls scripts, one or many at once, and translates their failures. Unless the client is of a kind
 * that repeats commands by itself, each call is sent at most once. Immutable and thread-safe.
 */
final class ScriptCalls {
  private final Commands commands;
  private final ClientPools pools;
  private final Pipelines pipelines;
  private final JedisFailures failures;

  ScriptCalls(UnifiedJedis jedis, JedisFailures failures) {
    this.commands = new Commands(jedis);
    this.pools = new ClientPools(jedis);
    this.pipelines = new Pipelines(jedis);
    this.failures = failures;
  }

  /** Calls a script. */
  <A> A run(ScriptCall<A> call) {
    Object answer;
    try {
      answer = call.script().run(commands, SlotFormat.key(call.key()), call.arguments());
    } catch (JedisException e) {
      pools.dropBroken(e);
      throw call.isRepeatable()
          ? failures.ofRepeatable(call.key(), e)
          : failures.ofWrite(call.key(), e);
    }
    return call.answer().apply(answer);
  }

  /**
   * Calls a script for each request, in few round trips.
   *
   * @param call makes the call for a request; what it throws is the reply to that request
   */
  <R, A> List<Reply<A>> runAll(List<R> requests, Function<R, ScriptCall<A>> call) {
    List<Pending<A>> all = new ArrayList<>(requests.size());
    for (R request : requests) {
      all.add(new Pending<>(Reply.of(() -> call.apply(request))));
    }
    List<Pending<A>> left = all.stream().filter(Pending::isToBeSent).toList();
    while (!left.isEmpty()) {
      send(left);
      left = left.stream().filter(Pending::isToBeSent).toList();
      if (!left.isEmpty()) {
        // Their servers do not know the script and have run nothing. One learns it from this call,
        // and so each server of a cluster in its turn.
        Pending<A> first = left.get(0);
        first.reply = Reply.of(() -> run(first.call()));
        left = left.subList(1, left.size());
      }
    }
    return all.stream().map(Pending::reply).toList();
  }

  /** Sends calls once. Leaves those without a reply whose server does not know the script. */
  private <A> void send(List<Pending<A>> calls) {
    if (!pipelines.areAvailable()) {
      calls.forEach(pending -> pending.reply = Reply.of(() -> run(pending.call())));
      return;
    }
    List<Pipelines.Reply> replies =
        pipelines.send(calls.stream().map(pending -> command(pending.call())).toList());
    JedisException dropped = null;
    for (int i = 0; i < calls.size(); i++) {
      Pending<A> pending = calls.get(i);
      JedisException failure = replies.get(i).failure();
      if (failure == null) {
        Object answer = Objects.requireNonNull(replies.get(i).answer());
        pending.reply = Reply.of(() -> pending.call().answer().apply(answer));
      } else if (!(failure instanceof JedisNoScriptException)) {
        if (failure != dropped) {
          pools.dropBroken(failure);
          dropped = failure;
        }
        pending.reply = new Reply.Failed<>(failures.ofSentOnce(pending.call().key(), failure));
      }
    }
  }

  private static Pipelines.Command command(ScriptCall<?> call) {
    byte[] key = SlotFormat.key(call.key());
    int bytes = key.length;
    for (byte[] argument : call.arguments()) {
      bytes += argument.length;
    }
    return new Pipelines.Command(call.key(), call.script().command(key, call.arguments()), bytes);
  }

  /** A call and, once there is one, its reply. */
  private static final class Pending<A> {
    private final @Nullable ScriptCall<A> call;
    private @Nullable Reply<A> reply;

    Pending(Reply<ScriptCall<A>> made) {
      if (made instanceof Reply.Failed<ScriptCall<A>> failed) {
        call = null;
        reply = new Reply.Failed<>(failed.failure());
      } else {
        call = made.get();
      }
    }

    boolean isToBeSent() {
      return reply == null;
    }

    ScriptCall<A> call() {
      return Objects.requireNonNull(call);
    }

    Reply<A> reply() {
      return Objects.requireNonNull(reply);
    }
  }
}
