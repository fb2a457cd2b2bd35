package io.tidemark.redis;

/** The scripts that change slots; each says in its file what it does. Immutable. */
record SlotScripts(
    Script claim,
    Script renew,
    Script abandon,
    Script fill,
    Script publish,
    Script refresh,
    Script drop) {

  private static final SlotScripts FORWARD_ONLY = made(Failover.FORWARD_ONLY);
  private static final SlotScripts KEEP = made(Failover.KEEP);

  static SlotScripts of(Failover failover) {
    return failover == Failover.KEEP ? KEEP : FORWARD_ONLY;
  }

  private static SlotScripts made(Failover failover) {
    return new SlotScripts(
        Script.of("claim.lua", failover),
        Script.of("renew.lua", failover),
        Script.of("abandon.lua", failover),
        Script.of("fill.lua", failover),
        Script.of("publish.lua", failover),
        Script.of("refresh.lua", failover),
        Script.of("drop.lua", failover));
  }
}
