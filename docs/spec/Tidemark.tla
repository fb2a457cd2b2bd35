------------------------------ MODULE Tidemark ------------------------------
(***************************************************************************)
(* The slot of one key, and all that changes it.                           *)
(*                                                                         *)
(* A database commits rows. Readers are served from a slot that may be     *)
(* lost at any moment, or else by a flight, which claims the slot, reads   *)
(* the database and fills the slot. Writers claim or publish. There are no *)
(* clocks, and any request may be held back and carried out much later.    *)
(*                                                                         *)
(* The promises are the invariants at the end. Without names safeguards to *)
(* remove: each configuration without-<safeguard>.cfg removes one, and     *)
(* must then end in a counterexample. The names are those of               *)
(* io.tidemark.proof.safeguards.Safeguard.                                 *)
(*                                                                         *)
(* The slot is held by one of two servers. The other is its replica, or a  *)
(* master of a cluster that the hash slot can move to, or an old master    *)
(* that some clients still reach. Each master has a lineage, and what a    *)
(* slot holds is stamped with the lineage that it was written in.          *)
(*                                                                         *)
(* The lock of the key is not a variable. It can be lost at any moment     *)
(* without notice, so that holding it excludes nothing; only its fence     *)
(* remains. See HoldsLock.                                                 *)
(*                                                                         *)
(* README.md in this folder says how to run this.                          *)
(***************************************************************************)
EXTENDS Integers, Sequences, FiniteSets, TLC

CONSTANTS
  Flights,     \* loads that may be under way at once, in any processes
  Writers,     \* callers of VersionedCache.update at once
  MaxCommits,  \* how many commits of the row there may be
  MaxFence,    \* how many holdings of the lock, and ballots, there may be
  MaxLost,     \* how many replies may be lost
  MaxLineages, \* how many lineages the servers may have, one after another and side by side
  MaxRefusals, \* Load.MAX_REFUSALS
  Clients,     \* the clients beside flights and updates: see ClientKinds
  Faults,      \* what may go wrong: see FaultKinds
  Source,      \* what the database is like: see SourceKinds
  Beyond,      \* what is done beyond the limits of the promises: see LimitKinds
  Without      \* the safeguards that are removed: see Safeguards

ClientKinds == {
  "joiner",       \* a caller that joins the flight of another
  "bulk",         \* flights that claim without the lock, by a ballot, as loads of many keys do
  "fallback",     \* flights that read the source past lock and slot (FallbackPolicy.LOAD)
  "slow-reader",  \* a read whose value and lineage are asked for one after the other, of any server
                  \* that answers
  "bypass",       \* reads of the source whatever the slot holds, by processes that are switched off
                  \* at any moment, and on again at any other (Rollout)
  "refresher",    \* flights that load while a value is present
  "grace",        \* entries that are kept after they have expired
  "publisher",    \* VersionedCache.publish, by any process, of any commit, in any order, repeatedly
  "write-anyway", \* updates that run although no claim could be made: the store is away
  "withholder",   \* updates and publishers of rows that must not be cached, such as too large ones
  "invalidator",  \* VersionedCache.invalidate
  "clearer" }     \* VersionedCache.clear

FaultKinds == {
  "lock-loss",   \* the lock passes to another while its holder still believes to have it
  "slot-loss",   \* eviction; the end of a claim's, a floor's or an entry's life; FLUSHALL
  "failover",    \* a server takes over, or restarts, that has an earlier state of the slot; or a master
                 \* changes its replication id, and loses nothing
  "moves",       \* the hash slot moves to another master of the cluster, and back
  "isolation",   \* with a failover, the old master goes on for the clients that it was cut off with
  "crash",       \* a flight or an update ends without notice
  "load-fails" } \* the source or the caller's transaction throws

SourceKinds == {
  "row-at-first",        \* the row is there from the beginning
  "ties",                \* two commits may get one version, as with a column of whole seconds
  "falls",               \* a later commit may get a lower version
  "versioned-deletes",   \* deletes whose version is known: tombstones
  "unversioned-deletes", \* deletes without one
  "replica" }            \* loads read a copy first that lags (CacheBuilder.replica)

LimitKinds == {
  "anyway-under-fence",     \* such an update publishes as if its claim had been made
  "repeats",                \* a client below the library sends a request again by itself
  "early-loss",             \* a slot is lost before the replica has what it told of
  "isolated-reads",         \* an old master that has not noticed yet that it has no replicas is read
  "isolated-acknowledges",  \* likewise, and it takes writes
  "moves-back-restored",    \* a hash slot moves away and back; in between a failover brought the old slot back
  "moves-young",            \* a hash slot moves while a replica may lack what a failover forgot
  "moves-while-cleared",    \* a hash slot moves while a clear is under way
  "unversioned-on-replica", \* a drop without a version is to hold although loads read a replica
  "clear-on-replica" }      \* likewise a clear, which forgets the floors

Safeguards == {
  "compare-versions", "claim-on-empty", "claim-on-floor", "own-claim", "break-other-claim",
  "break-other-claim-as-locked-writer", "drop-on-tie-not-keep", "drop-on-tie-not-replace",
  "drop-absent", "floor", "behind-on-tie", "behind-on-absence", "renew-own-claim",
  "fence-per-attempt", "flight-epochs", "flight-epoch-of-read", "repeat-after-lost-reply",
  "clear-breaks-claims", "drop-fallen-version", "claim-carries-floor", "drop-tells-version",
  "ballot-stands", "if-free", "reserve-expired", "stamp-on-read", "stamp-in-scripts",
  "foreign-keeps-floor", "drop-foreign", "young-lineage-skips-replica", "lineage-asked-after",
  "only-masters-count", "enough-replicas" }

ASSUME
  /\ Clients \subseteq ClientKinds
  /\ Faults \subseteq FaultKinds
  /\ Source \subseteq SourceKinds
  /\ Beyond \subseteq LimitKinds
  /\ Without \subseteq Safeguards

VARIABLES
  db,      \* the commits of the row, in order: kind and version. A commit's place is its payload
  replica, \* how many of them the replica has
  slot,    \* what the store holds: the server that the key's hash slot is assigned to
  servers, \* which one that is, what the other one is, and their lineages
  copy,    \* what the other server holds; if that is another master of a cluster, what the replica does
  fences,  \* how many fences the lock service has given, and ballots were drawn
  flight,  \* the flights
  writer,  \* the updates
  late,    \* requests that were sent, whose senders no longer wait: each may be carried out, or not
  lost,    \* how many replies were lost
  written, \* the latest commit that a returned write has promised to later readers
  served,  \* the latest commit that any reader was served from the shared store
  sweep,   \* the clear that is under way
  look,    \* the slow read that is under way
  broken   \* the promises that an answer has broken

vars == <<db, replica, slot, servers, copy, look, fences, flight, writer, late, lost, written, served, sweep, broken>>

Off(safeguard) == safeguard \in Without

Max(a, b) == IF a > b THEN a ELSE b

Other(server) == 3 - server

\* The lineage of the server that the key's hash slot is assigned to.
Lineage == servers.lineage[servers.home]

\* What INFO says on a server: the id; and whether it is a master that has enough replicas. What any
\* other server answers does not count. Scripts ask as well: one that need not write runs anywhere.
LineageAt(server) ==
  IF server # servers.home /\ servers.other = "replica" THEN Lineage ELSE servers.lineage[server]

Counts(server) ==
  \/ server = servers.home
  \/ servers.other \in {"master", "isolated"}
  \/ servers.other = "replica" /\ Off("only-masters-count")
  \/ servers.other = "cut off" /\ Off("enough-replicas")

\* Whether the other server is one that must not count, and does.
CountsWrongly == servers.other \in {"replica", "cut off"} /\ Counts(Other(servers.home))

-----------------------------------------------------------------------------
(* Rows: EncodedRow. Versions begin at 1; 0 is Version.NONE. The commit is  *)
(* the payload, so that no two rows have the same; for an absence it is     *)
(* not stored, but noted to check answers by.                               *)

NoVersion == 0

Absence == [kind |-> "ABSENT", version |-> NoVersion, commit |-> 0]

\* The row as commit i left it; 0 is the time before all commits.
RowAt(i) ==
  IF i = 0
  THEN Absence
  ELSE [kind |-> db[i].kind, version |-> db[i].version, commit |-> i]

\* The versions that the database may give to the next commit.
NextVersions ==
  LET given == {db[i].version : i \in DOMAIN db}
      last == IF given = {} THEN 0 ELSE CHOOSE v \in given : \A w \in given : w <= v
  IN  {last + 1}
        \cup (IF "ties" \in Source /\ last > 0 THEN {last} ELSE {})
        \cup (IF "falls" \in Source /\ last > 1 THEN {last - 1} ELSE {})

NextCommits ==
  [kind : {"VALUE"}, version : NextVersions]
    \cup (IF RowAt(Len(db)).kind = "ABSENT"
          THEN {}
          ELSE [kind : {"ABSENT"},
                version : (IF "versioned-deletes" \in Source THEN NextVersions ELSE {})
                  \cup (IF "unversioned-deletes" \in Source THEN {NoVersion} ELSE {})])

-----------------------------------------------------------------------------
(* The slot, and what each request does to it: the tables of SlotStore and  *)
(* the scripts in redis-store/src/main/resources/io/tidemark/redis. The     *)
(* version of a PENDING or ABSENT slot is its floor, as in slot.lua.        *)

NoFence == 0 \* LockHandle.NO_FENCE

\* A ballot is a negative fence, and is only compared for equality with other ballots. Those that were
\* drawn are never drawn again, as it is all but certain of random numbers.
IsBallot(fence) == fence < NoFence

HasEntry(s) == s.state \in {"VALUE", "ABSENT"}

\* An expired entry that is being loaded again is reserved: it has the fence of that load, and stays for
\* callers that accept it. Nothing that is stored depends on that; it elects the load.
IsReserved(s, fence) == HasEntry(s) /\ s.fence = fence

\* A floor ends once the replica has what had been committed when a write or a drop made it: since is
\* the number of those commits. It does not end later, whatever claims have come and gone. A claim
\* carries its floor beyond that end (over), and leaves none to the next. An entry is a floor too.
NoLineage == 0

Empty ==
  [state |-> "EMPTY", fence |-> NoFence, version |-> NoVersion, commit |-> 0, expired |-> FALSE,
   since |-> 0, over |-> FALSE, lineage |-> NoLineage]

NoFloor == [version |-> NoVersion, since |-> 0, over |-> FALSE]

\* Without a replica there is none.
NewFloor(version) ==
  IF "replica" \notin Source \/ version = NoVersion \/ Off("floor")
  THEN NoFloor
  ELSE [version |-> version, since |-> Len(db), over |-> FALSE]

\* The floor that a claim is left with: its own one, if it has been made before.
CarriedFloor(s) == [version |-> s.version, since |-> s.since, over |-> s.over]

\* The floor that is left to any other claim.
FloorOf(s) ==
  IF HasEntry(s) THEN NewFloor(s.version) ELSE IF s.over THEN NoFloor ELSE CarriedFloor(s)

\* The floor after a write of a version, or after a drop without one.
FloorAfter(s, version) ==
  IF version = NoVersion THEN FloorOf(s) ELSE NewFloor(Max(FloorOf(s).version, version))

\* leave_pending in slot.lua
Pending(fence, floor) ==
  [Empty EXCEPT !.state = "PENDING", !.fence = fence, !.version = floor.version,
     !.since = floor.since, !.over = floor.over]

\* leave_floor in slot.lua
FloorOnly(floor) == IF floor = NoFloor THEN Empty ELSE Pending(NoFence, floor)

\* leave_entry in slot.lua
Entry(row, floor) ==
  LET since == IF "replica" \in Source THEN Len(db) ELSE 0
  IN  IF row.kind = "VALUE"
      THEN [Empty EXCEPT !.state = "VALUE", !.version = row.version, !.commit = row.commit,
              !.since = since]
      ELSE [Empty EXCEPT !.state = "ABSENT", !.version = Max(floor, row.version), !.since = since]

Reply(answer, s) == [answer |-> answer, slot |-> s]

\* SlotStore.claim, claim.lua
ClaimReply(s, fence, mode) ==
  LET inTheWay ==
        CASE mode = "ALWAYS" -> s.fence > fence
          [] mode = "UNLESS_PRESENT" ->
               s.fence > fence \/ (IsBallot(s.fence) /\ ~Off("ballot-stands"))
          [] mode = "IF_FREE" -> s.fence > fence \/ ~Off("if-free")
  IN
  IF s.fence \notin {NoFence, fence} /\ inTheWay THEN Reply("LOST", s)
  ELSE IF HasEntry(s) /\ s.expired /\ mode # "ALWAYS"
  THEN Reply("RESERVED", IF Off("reserve-expired") THEN s ELSE [s EXCEPT !.fence = fence])
  ELSE IF HasEntry(s) /\ mode # "ALWAYS" THEN Reply("HIT", s)
  ELSE Reply("CLAIMED",
         Pending(fence, IF s.state = "PENDING" /\ s.fence = fence THEN CarriedFloor(s) ELSE FloorOf(s)))

\* If no state requires a claim, a fill is another way to publish.
Claimless == {"claim-on-empty", "claim-on-floor", "own-claim"} \subseteq Without

\* SlotStore.fill, fill.lua
FillReply(s, fence, row, rule) ==
  LET open ==
        \/ s.state = "PENDING" /\ s.fence = fence
        \/ s.state = "PENDING" /\ s.fence = NoFence /\ Off("claim-on-floor")
        \/ s.state = "PENDING" /\ s.fence \notin {NoFence, fence} /\ Off("own-claim")
        \/ s.state = "EMPTY" /\ Off("claim-on-empty")
      floor == IF s.over /\ Off("claim-carries-floor") THEN NoVersion ELSE s.version
      letIn ==
        IF row.kind = "ABSENT"
        THEN rule = "AT_OR_ABOVE" \/ floor = NoVersion \/ Off("behind-on-absence")
        ELSE \/ row.version > floor
             \/ row.version = floor /\ (rule = "AT_OR_ABOVE" \/ Off("behind-on-tie"))
  IN  IF open
      THEN IF letIn THEN Reply("STORED", Entry(row, s.version)) ELSE Reply("BEHIND", s)
      ELSE IF Claimless /\ HasEntry(s) /\ (row.version > s.version \/ Off("compare-versions"))
           THEN Reply("STORED", Entry(row, NoVersion))
           ELSE Reply("REFUSED", s)

\* The row has the version of the VALUE, but another payload.
TieReply(s, row) ==
  IF Off("drop-on-tie-not-keep") THEN Reply("SAME", s)
  ELSE IF Off("drop-on-tie-not-replace") THEN Reply("STORED", Entry(row, s.version))
  ELSE Reply("DROPPED", FloorOnly(FloorOf(s)))

\* SlotStore.publish, publish.lua
PublishReply(s, fence, row) ==
  LET versioned == row.version # NoVersion
      dropped == Reply("DROPPED", FloorOnly(FloorAfter(s, row.version)))
      leavesClaim ==
        IF fence = NoFence
        THEN Off("break-other-claim")
        ELSE Off("break-other-claim-as-locked-writer")
  IN  CASE s.state = "EMPTY" ->
             IF Off("claim-on-empty")
             THEN Reply("STORED", Entry(row, NoVersion))
             ELSE dropped
        [] s.state = "PENDING" /\ fence # NoFence /\ s.fence = fence ->
             IF ~versioned \/ row.version >= s.version \/ Off("drop-fallen-version")
             THEN Reply("STORED", Entry(row, s.version))
             ELSE Reply("DROPPED", FloorOnly(NewFloor(s.version)))
        [] s.state = "PENDING" /\ (fence = NoFence \/ s.fence # fence) ->
             IF s.fence # NoFence /\ leavesClaim
             THEN Reply("DROPPED", Pending(s.fence, FloorAfter(s, row.version)))
             ELSE dropped
        [] s.state = "VALUE" ->
             IF ~versioned THEN dropped
             ELSE IF row.version > s.version \/ Off("compare-versions")
             THEN Reply("STORED", Entry(row, s.version))
             ELSE IF row.version < s.version THEN Reply("SUPERSEDED", s)
             ELSE IF row.kind = "VALUE" /\ row.commit = s.commit THEN Reply("SAME", s)
             ELSE TieReply(s, row)
        [] s.state = "ABSENT" ->
             IF versioned /\ row.kind = "ABSENT" /\ row.version = s.version THEN Reply("SAME", s)
             ELSE IF versioned /\ row.version > s.version /\ Off("drop-absent")
             THEN Reply("STORED", Entry(row, s.version))
             ELSE dropped

\* SlotStore.drop, drop.lua: for a row that must not be cached, or without a version.
DropReply(s, version) ==
  LET told == IF Off("drop-tells-version") THEN NoVersion ELSE version
      floor == FloorAfter(s, told)
  IN  IF s.state = "VALUE" /\ told # NoVersion /\ told < s.version
      THEN Reply("SUPERSEDED", s)
      ELSE IF s.state = "PENDING" /\ s.fence # NoFence /\ Off("break-other-claim")
      THEN Reply("DROPPED", Pending(s.fence, floor))
      ELSE Reply("DROPPED", FloorOnly(floor))

\* SlotStore.refresh, refresh.lua
RefreshReply(s, row) ==
  IF ~HasEntry(s) THEN Reply("REFUSED", s)
  ELSE IF s.state = "ABSENT"
  THEN Reply("DROPPED", FloorOnly(FloorAfter(s, row.version)))
  ELSE IF row.kind = "ABSENT" THEN Reply("DROPPED", FloorOnly(FloorOf(s)))
  ELSE IF row.version > s.version \/ row.commit = s.commit \/ Off("compare-versions")
  THEN Reply("STORED", Entry(row, s.version))
  ELSE IF row.version < s.version
  THEN IF s.expired THEN Reply("DROPPED", FloorOnly(FloorOf(s))) ELSE Reply("SUPERSEDED", s)
  ELSE TieReply(s, row)

\* SlotStore.abandon, abandon.lua
AbandonReply(s, fence) ==
  IF s.state = "PENDING" /\ s.fence = fence
  THEN Reply("ABANDONED", FloorOnly(FloorOf(s)))
  ELSE IF IsReserved(s, fence) THEN Reply("ABANDONED", [s EXCEPT !.fence = NoFence])
  ELSE Reply("REFUSED", s)

\* SlotStore.renew, renew.lua. A longer life makes no difference: lives may end at any moment.
RenewReply(s, fence) ==
  IF (s.state = "PENDING" /\ s.fence = fence) \/ IsReserved(s, fence) THEN Reply("RENEWED", s)
  ELSE IF Off("renew-own-claim") /\ ~HasEntry(s)
  THEN Reply("RENEWED", Pending(fence, FloorOf(s)))
  ELSE Reply("REFUSED", s)

-----------------------------------------------------------------------------
(* What is part of every action but those of the clear, of the servers and  *)
(* of slow reads, which stand further below. The clear that is under way    *)
(* may miss a slot once there was none.                                     *)

SweepGoesOn ==
  sweep' = IF sweep.on /\ slot' = Empty THEN [sweep EXCEPT !.missable = TRUE] ELSE sweep

TheRestGoesOn == SweepGoesOn /\ UNCHANGED <<servers, copy, look>>

-----------------------------------------------------------------------------
(* Requests that are held back: sent, given up by their senders, and        *)
(* carried out at any later moment, or never. A request whose reply alone   *)
(* was lost is one that is carried out at once.                             *)

Request(verb, fence, row, how) == [verb |-> verb, fence |-> fence, row |-> row, how |-> how]

TableReply(request, s) ==
  CASE request.verb = "claim"   -> ClaimReply(s, request.fence, request.how)
    [] request.verb = "fill"    -> FillReply(s, request.fence, request.row, request.how)
    [] request.verb = "publish" -> PublishReply(s, request.fence, request.row)
    [] request.verb = "drop"    -> DropReply(s, request.row.version)
    [] request.verb = "refresh" -> RefreshReply(s, request.row)
    [] request.verb = "abandon" -> AbandonReply(s, request.fence)
    [] request.verb = "renew"   -> RenewReply(s, request.fence)

Stamped(s, lineage) == IF s = Empty THEN Empty ELSE [s EXCEPT !.lineage = lineage]

\* Whether a server has a slot of another lineage than its own. It may be any earlier state of the slot.
IsForeign(s, lineage) == s # Empty /\ s.lineage # lineage

\* What such a slot counts as: dropped, but for its floor. Without a replica that is EMPTY.
Seen(s, lineage) ==
  IF ~IsForeign(s, lineage) THEN s
  ELSE IF Off("foreign-keeps-floor") THEN Empty
  ELSE FloorOnly(FloorOf(s))

\* What a request does to a slot on a server of a lineage, which the script asks for when it runs. A
\* slot of another lineage stays where the table changes nothing, except under a publish or a drop: it
\* may come back to the server of its lineage.
ReplyUnder(request, s, lineage) ==
  LET seen == IF Off("stamp-in-scripts") THEN s ELSE Seen(s, lineage)
      reply == TableReply(request, seen)
      stays ==
        \/ reply.answer # "DROPPED" /\ reply.slot = seen
        \/ Off("drop-foreign") /\ IsForeign(s, lineage) /\ reply.slot = Empty
  IN  [reply EXCEPT !.slot = IF stays THEN s ELSE Stamped(reply.slot, lineage)]

ReplyTo(request, s) == ReplyUnder(request, s, Lineage)

\* OutcomeUnknownException: no reply comes, and the request may be carried out later or never.
HoldBack(request) ==
  /\ lost < MaxLost
  /\ lost' = lost + 1
  /\ late' = late \cup {request}

CarryOutLate ==
  \E request \in late :
    /\ slot' = ReplyTo(request, slot).slot
    /\ late' = late \ {request}
    /\ UNCHANGED <<db, replica, fences, flight, writer, lost, written, served, broken>>
    /\ TheRestGoesOn

\* The request is answered; where clients repeat requests by themselves, one copy may be held back.
Answered(request) ==
  \/ UNCHANGED <<late, lost>>
  \/ "repeats" \in Beyond /\ HoldBack(request)

-----------------------------------------------------------------------------
(* Answers, and what they break. An absence is as good as any later one.    *)

Older(row, commit) ==
  IF row.kind = "VALUE"
  THEN row.commit < commit
  ELSE \A i \in commit..Len(db) : RowAt(i).kind = "VALUE"

\* The promises that break when a caller gets the row, whose call began when w was written and s was
\* served. Fresh says that the row was read from the source, or accepted or held by the store, after
\* the call began.
Breaks(row, w, s, fresh) ==
  (IF Older(row, w) THEN {"ReadYourWrites"} ELSE {})
    \cup (IF Older(row, s) THEN {"ForwardOnly"} ELSE {})
    \cup (IF fresh THEN {} ELSE {"NothingReadBefore"})

SlotRow(s) == [kind |-> s.state, version |-> s.version, commit |-> s.commit]

IsFresh(s) == HasEntry(s) /\ ~s.expired

IsHit == IsFresh(slot) /\ (slot.lineage = Lineage \/ Off("stamp-on-read"))

\* ReadCall.look: a reader anywhere begins its call and gets its answer from one GET. A call that
\* began earlier than its GET is owed less. The lineage is asked for after the GET: see BeginRead.
Hit ==
  /\ IsHit
  /\ served' = Max(served, slot.commit)
  /\ broken' = broken \cup Breaks(SlotRow(slot), written, served, TRUE)
  /\ UNCHANGED <<db, replica, slot, fences, flight, writer, late, lost, written>>
  /\ TheRestGoesOn

-----------------------------------------------------------------------------
(* Flights: Load.java, Flight.java. A step is one request with what comes   *)
(* before and after it in the process.                                      *)

NoRow == [kind |-> "NONE", version |-> NoVersion, commit |-> 0]

NoFlight ==
  [pc |-> "idle", fence |-> NoFence, row |-> NoRow, read |-> 0, epoch |-> 0, refusals |-> 0,
   seats |-> {}, until |-> 0, cached |-> FALSE]

\* Flight.Seat: the epoch that the caller's call began in. The rest is kept to check the answer by.
SeatOf(who, epoch) ==
  [who |-> who, at |-> epoch, written |-> written, served |-> served, fresh |-> FALSE]

Freshened(seats) == {[seat EXCEPT !.fresh = TRUE] : seat \in seats}

\* The clients that hold the lock, or believe so: LockHandle. It can be lost at any moment if
\* "lock-loss" is among the faults.
HoldsLock(client) ==
  /\ client.pc \notin {"idle", "acquire", "land", "bypass", "land bypassed"}
  /\ ~IsBallot(client.fence)

LockIsFree ==
  \/ "lock-loss" \in Faults
  \/ /\ \A f \in Flights : ~HoldsLock(flight[f])
     /\ \A w \in Writers : ~HoldsLock(writer[w])

\* The fence of a client's next attempt, after one with the given fence, or none.
NextFence(last) == IF Off("fence-per-attempt") /\ last > NoFence THEN last ELSE fences + 1

\* Likewise its ballot: Ballot.draw
NextBallot(last) == IF Off("fence-per-attempt") /\ IsBallot(last) THEN last ELSE -(fences + 1)

\* The state that an attempt leaves to the next one.
LeftFence(fence) == IF Off("fence-per-attempt") THEN fence ELSE NoFence

Become(f, state) == flight' = [flight EXCEPT ![f] = state]

\* EpochCounter.advance, then a row from the slot or one that the store accepted: for callers that joined
\* before the request.
LandCached(state, row) ==
  [state EXCEPT !.pc = "land", !.fence = NoFence, !.row = row, !.epoch = @ + 1,
     !.until = state.epoch + 1, !.cached = TRUE, !.seats = Freshened(@)]

\* Load.landUncached: for callers that joined before the row was read.
LandUncached(state) ==
  [state EXCEPT !.pc = "land", !.fence = NoFence,
     !.until = IF Off("flight-epoch-of-read") THEN state.epoch + 1 ELSE state.read,
     !.cached = FALSE]

TryAgain(state) == [state EXCEPT !.pc = "acquire", !.fence = LeftFence(@), !.epoch = @ + 1]

\* Load.land, of a row that was refused
Refused(state) ==
  IF state.refusals + 1 < MaxRefusals
  THEN [TryAgain(state) EXCEPT !.refusals = @ + 1]
  ELSE LandUncached([state EXCEPT !.epoch = @ + 1])

\* ReadCall.look finds no hit, Flights.takeSeat finds no flight.
StartFlight(f) ==
  /\ flight[f].pc = "idle"
  /\ ~IsHit
  /\ Become(f, [NoFlight EXCEPT !.pc = "acquire", !.seats = {SeatOf("first", 0)}])
  /\ UNCHANGED <<db, replica, slot, fences, writer, late, lost, written, served, broken>>
  /\ TheRestGoesOn

\* ReadCall.readSource of a bypassed key, which does not look at the slot, finds no flight.
StartBypass(f) ==
  /\ "bypass" \in Clients
  /\ flight[f].pc = "idle"
  /\ Become(f, [NoFlight EXCEPT !.pc = "bypass", !.seats = {SeatOf("first", 0)}])
  /\ UNCHANGED <<db, replica, slot, fences, writer, late, lost, written, served, broken>>
  /\ TheRestGoesOn

\* Flights.takeSeat finds a flight. Those of bypassed keys are flights of their own.
Join(f) ==
  /\ "joiner" \in Clients
  /\ flight[f].pc # "idle"
  /\ flight[f].pc \in {"bypass", "land bypassed"} \/ ~IsHit
  /\ \A g \in Flights : \A seat \in flight[g].seats : seat.who # "late"
  /\ Become(f, [flight[f] EXCEPT !.seats = @ \cup {SeatOf("late", flight[f].epoch)}])
  /\ UNCHANGED <<db, replica, slot, fences, writer, late, lost, written, served, broken>>
  /\ TheRestGoesOn

\* KeyWait.acquireOrAwait gets the lock: LockProvider.tryAcquire
Acquire(f) ==
  LET fence == NextFence(flight[f].fence)
  IN  /\ flight[f].pc = "acquire"
      /\ LockIsFree
      /\ fence <= MaxFence
      /\ fences' = Max(fences, fence)
      /\ Become(f, [flight[f] EXCEPT !.pc = "claim", !.fence = fence])
      /\ UNCHANGED <<db, replica, slot, writer, late, lost, written, served, broken>>
      /\ TheRestGoesOn

\* A load of many keys draws its ballot. No key's slot depends on another's, so one key is all there is.
Draw(f) ==
  LET ballot == NextBallot(flight[f].fence)
  IN  /\ "bulk" \in Clients
      /\ flight[f].pc = "acquire"
      /\ -ballot <= MaxFence
      /\ fences' = Max(fences, -ballot)
      /\ Become(f, [flight[f] EXCEPT !.pc = "claim", !.fence = ballot])
      /\ UNCHANGED <<db, replica, slot, writer, late, lost, written, served, broken>>
      /\ TheRestGoesOn

\* Load.look, after a wait for the lock or an attempt that failed, finds an entry.
LookAgain(f) ==
  /\ flight[f].pc = "acquire"
  /\ IsHit
  /\ Become(f, LandCached(flight[f], SlotRow(slot)))
  /\ UNCHANGED <<db, replica, slot, fences, writer, late, lost, written, served, broken>>
  /\ TheRestGoesOn

\* The floors that a failover has forgotten are of commits that the replica may lack, for as long as it
\* may lag. A process that sees the lineage for the first time later waits from then on.
MayAskReplica ==
  /\ "replica" \in Source
  /\ replica >= servers.young[servers.home] \/ Off("young-lineage-skips-replica")

\* Attempt.make, Attempt.onEntry
Claim(f) ==
  LET me == flight[f]
      mode == IF IsBallot(me.fence) THEN "IF_FREE" ELSE "UNLESS_PRESENT"
      request == Request("claim", me.fence, NoRow, mode)
      reply == ReplyTo(request, slot)
  IN  /\ me.pc = "claim"
      /\ \/ /\ Answered(request)
            /\ slot' = reply.slot
            /\ Become(f,
                 CASE reply.answer = "LOST" -> TryAgain(me)
                   [] reply.answer = "HIT" -> LandCached(me, SlotRow(slot))
                   [] reply.answer = "RESERVED" ->
                        [me EXCEPT !.pc = "load for refresh", !.epoch = @ + 1]
                   [] reply.answer = "CLAIMED" ->
                        [me EXCEPT !.epoch = @ + 1,
                           !.pc = IF MayAskReplica THEN "load replica" ELSE "load"])
         \/ /\ HoldBack(request)
            /\ Become(f, TryAgain(me))
            /\ UNCHANGED slot
      /\ UNCHANGED <<db, replica, fences, writer, written, served, broken>>
      /\ TheRestGoesOn

\* The client is connected to a replica, or cut off with a master that has lost its replicas. These
\* refuse a claim when it writes; a hit needs no write.
ClaimElsewhere(f) ==
  LET me == flight[f]
      mode == IF IsBallot(me.fence) THEN "IF_FREE" ELSE "UNLESS_PRESENT"
      reply == ReplyUnder(Request("claim", me.fence, NoRow, mode), copy, LineageAt(Other(servers.home)))
  IN  /\ me.pc = "claim"
      /\ CountsWrongly
      /\ reply.answer = "HIT"
      /\ Become(f, LandCached(me, SlotRow(copy)))
      /\ UNCHANGED <<db, replica, slot, fences, writer, late, lost, written, served, broken>>
      /\ TheRestGoesOn

\* SourceReader.read: what is read is what the source, or the replica, has now.
Read(f) ==
  LET me == flight[f]
      read(row, next) ==
        Become(f, [me EXCEPT !.pc = next, !.row = row, !.epoch = @ + 1, !.read = me.epoch + 1,
                     !.seats = Freshened(@)])
  IN  /\ \/ me.pc = "load replica" /\ read(RowAt(replica), "fill from replica")
         \/ me.pc = "load" /\ read(RowAt(Len(db)), "fill")
         \/ me.pc = "load for refresh" /\ read(RowAt(Len(db)), "refresh")
      /\ UNCHANGED <<db, replica, slot, fences, writer, late, lost, written, served, broken>>
      /\ TheRestGoesOn

\* The source throws; the claim or the reservation is abandoned, and the callers get the exception.
ReadFails(f) ==
  LET request == Request("abandon", flight[f].fence, NoRow, "")
  IN  /\ "load-fails" \in Faults
      /\ flight[f].pc = "load" \/ (flight[f].pc = "load for refresh" /\ flight[f].fence # NoFence)
      /\ \/ slot' = ReplyTo(request, slot).slot /\ UNCHANGED <<late, lost>>
         \/ HoldBack(request) /\ UNCHANGED slot
      /\ Become(f, NoFlight)
      /\ UNCHANGED <<db, replica, fences, writer, written, served, broken>>
      /\ TheRestGoesOn

\* Loader.fillFromReplica: a row of the replica. What is not stored is read from the source.
FillFromReplica(f) ==
  LET me == flight[f]
      request == Request("fill", me.fence, me.row, "ABOVE")
      reply == ReplyTo(request, slot)
      readSource == [me EXCEPT !.pc = "load", !.epoch = @ + 1]
  IN  /\ me.pc = "fill from replica"
      /\ \/ /\ Answered(request)
            /\ slot' = reply.slot
            /\ Become(f, IF reply.answer = "STORED" THEN LandCached(me, me.row) ELSE readSource)
         \/ /\ HoldBack(request)
            /\ Become(f, readSource)
            /\ UNCHANGED slot
      /\ UNCHANGED <<db, replica, fences, writer, written, served, broken>>
      /\ TheRestGoesOn

\* Loader.fillFromSource, Loader.concludeFill: a row of the source. After BEHIND the claim is given up,
\* unless that request is lost.
Fill(f) ==
  LET me == flight[f]
      request == Request("fill", me.fence, me.row, "AT_OR_ABOVE")
      reply == ReplyTo(request, slot)
  IN  /\ me.pc = "fill"
      /\ \/ /\ Answered(request)
            /\ \/ reply.answer = "STORED" /\ slot' = reply.slot /\ Become(f, LandCached(me, me.row))
               \/ reply.answer = "REFUSED" /\ UNCHANGED slot /\ Become(f, Refused(me))
               \/ /\ reply.answer = "BEHIND"
                  /\ slot' \in {slot, ReplyTo(Request("abandon", me.fence, NoRow, ""), slot).slot}
                  /\ Become(f, LandUncached([me EXCEPT !.epoch = @ + 1]))
         \/ /\ HoldBack(request)
            /\ Become(f, Refused(me))
            /\ UNCHANGED slot
      /\ UNCHANGED <<db, replica, fences, writer, written, served, broken>>
      /\ TheRestGoesOn

\* A load ahead of time, while the entry is still served.
StartRefresh(f) ==
  /\ "refresher" \in Clients
  /\ flight[f].pc = "idle"
  /\ HasEntry(Seen(slot, Lineage))
  /\ Become(f, [NoFlight EXCEPT !.pc = "load for refresh"])
  /\ UNCHANGED <<db, replica, slot, fences, writer, late, lost, written, served, broken>>
  /\ TheRestGoesOn

\* Loader.refresh
Refresh(f) ==
  LET me == flight[f]
      request == Request("refresh", NoFence, me.row, "")
      reply == ReplyTo(request, slot)
  IN  /\ me.pc = "refresh"
      /\ \/ /\ Answered(request)
            /\ slot' = reply.slot
            /\ Become(f, IF reply.answer = "STORED" THEN LandCached(me, me.row) ELSE Refused(me))
         \/ /\ HoldBack(request)
            /\ Become(f, TryAgain(me))
            /\ UNCHANGED slot
      /\ UNCHANGED <<db, replica, fences, writer, written, served, broken>>
      /\ TheRestGoesOn

\* FallbackLoad.fly under FallbackPolicy.LOAD, and what Load.fly does with the last row that was
\* refused, if the lock or the store is unavailable.
FallBack(f) ==
  LET me == flight[f]
      readNow ==
        [me EXCEPT !.row = RowAt(Len(db)), !.epoch = @ + 1, !.read = me.epoch + 1,
           !.seats = Freshened(@)]
  IN  /\ "fallback" \in Clients
      /\ me.pc \in {"acquire", "claim", "refresh"}
      /\ Become(f, LandUncached(IF me.row = NoRow THEN readNow ELSE me))
      /\ UNCHANGED <<db, replica, slot, fences, writer, late, lost, written, served, broken>>
      /\ TheRestGoesOn

\* FallbackLoad.fly for a bypassed key. It never asks the replica.
Bypass(f) ==
  LET me == flight[f]
      readNow ==
        [me EXCEPT !.row = RowAt(Len(db)), !.epoch = @ + 1, !.read = me.epoch + 1,
           !.seats = Freshened(@)]
  IN  /\ me.pc = "bypass"
      /\ Become(f, [LandUncached(readNow) EXCEPT !.pc = "land bypassed"])
      /\ UNCHANGED <<db, replica, slot, fences, writer, late, lost, written, served, broken>>
      /\ TheRestGoesOn

\* ReadCall.landed takes the answer for a caller that may have it (Flight.Seat.mayHave); any other
\* caller looks again, as in a new call.
Land(f) ==
  LET me == flight[f]
      given == {seat \in me.seats : seat.at < me.until \/ Off("flight-epochs")}
  IN  /\ me.pc \in {"land", "land bypassed"}
      /\ broken' = broken \cup
           UNION {Breaks(me.row, seat.written, seat.served, seat.fresh) : seat \in given}
      /\ served' = IF me.cached /\ given # {} THEN Max(served, me.row.commit) ELSE served
      /\ Become(f, NoFlight)
      /\ UNCHANGED <<db, replica, slot, fences, writer, late, lost, written>>
      /\ TheRestGoesOn

\* The process dies, or the flight ends with an exception, and the claim stays.
CrashFlight(f) ==
  /\ "crash" \in Faults
  /\ flight[f].pc \notin {"idle", "land", "land bypassed"}
  /\ Become(f, NoFlight)
  /\ UNCHANGED <<db, replica, slot, fences, writer, late, lost, written, served, broken>>
  /\ TheRestGoesOn

FlightStep ==
  \E f \in Flights :
    \/ StartFlight(f) \/ Join(f) \/ Acquire(f) \/ Draw(f) \/ LookAgain(f) \/ Claim(f) \/ ClaimElsewhere(f)
    \/ Read(f) \/ ReadFails(f) \/ FillFromReplica(f) \/ Fill(f) \/ StartRefresh(f) \/ Refresh(f)
    \/ FallBack(f) \/ StartBypass(f) \/ Bypass(f) \/ Land(f) \/ CrashFlight(f)

-----------------------------------------------------------------------------
(* Writers.                                                                *)

NoWriter == [pc |-> "idle", fence |-> NoFence, row |-> NoRow]

\* A drop without a version leaves no floor against a lagging replica, so it promises nothing then.
Dropped == IF "replica" \in Source /\ "unversioned-on-replica" \notin Beyond THEN 0 ELSE Len(db)

\* What a publish promises once it has returned.
Published(row) == IF row.version = NoVersion /\ Dropped = 0 THEN 0 ELSE row.commit

\* Updates.tryClaim gets the lock.
StartUpdate(w) ==
  LET fence == NextFence(writer[w].fence)
  IN  /\ writer[w].pc = "idle"
      /\ Len(db) < MaxCommits
      /\ LockIsFree
      /\ fence <= MaxFence
      /\ fences' = Max(fences, fence)
      /\ writer' = [writer EXCEPT ![w] = [NoWriter EXCEPT !.pc = "claim", !.fence = fence]]
      /\ UNCHANGED <<db, replica, slot, flight, late, lost, written, served, broken>>
      /\ TheRestGoesOn

\* Claims.take. After LOST or no answer Updates.claimInTime begins again with another fence.
ClaimForUpdate(w) ==
  LET me == writer[w]
      request == Request("claim", me.fence, NoRow, "ALWAYS")
      reply == ReplyTo(request, slot)
      again == [NoWriter EXCEPT !.fence = LeftFence(me.fence)]
  IN  /\ me.pc = "claim"
      /\ \/ /\ Answered(request)
            /\ slot' = reply.slot
            /\ writer' = [writer EXCEPT
                 ![w] = IF reply.answer = "LOST" THEN again ELSE [me EXCEPT !.pc = "write"]]
         \/ /\ HoldBack(request)
            /\ writer' = [writer EXCEPT ![w] = again]
            /\ UNCHANGED slot
      /\ UNCHANGED <<db, replica, fences, flight, written, served, broken>>
      /\ TheRestGoesOn

\* The store is away, and the caller wants to write all the same. The claim may have been sent. If it
\* is carried out later, it must not count as the update's, so the update goes on without a fence.
WriteAnyway(w) ==
  LET me == writer[w]
      fence == IF "anyway-under-fence" \in Beyond THEN me.fence ELSE NoFence
  IN  /\ "write-anyway" \in Clients
      /\ me.pc = "claim"
      /\ \/ UNCHANGED <<late, lost>>
         \/ HoldBack(Request("claim", me.fence, NoRow, "ALWAYS"))
      /\ writer' = [writer EXCEPT ![w].pc = "write", ![w].fence = fence]
      /\ UNCHANGED <<db, replica, slot, fences, flight, written, served, broken>>
      /\ TheRestGoesOn

\* Updates.write: the caller's transaction commits, any number of steps after the claim; or the one
\* that it takes part in, after Updates.makeIn has returned.
CommitUpdate(w) ==
  /\ writer[w].pc = "write"
  /\ Len(db) < MaxCommits
  /\ \E commit \in NextCommits :
       /\ db' = Append(db, commit)
       /\ writer' = [writer EXCEPT ![w].pc = "publish",
            ![w].row = [kind |-> commit.kind, version |-> commit.version, commit |-> Len(db) + 1]]
  /\ UNCHANGED <<replica, slot, fences, flight, late, lost, written, served, broken>>
  /\ TheRestGoesOn

\* Updates.write: the caller's transaction throws, before its commit or because the answer to it was
\* lost, and AfterCommit.giveUp drops the slot.
UpdateFails(w) ==
  LET request == Request("drop", NoFence, Absence, "")
  IN  /\ "load-fails" \in Faults
      /\ writer[w].pc \in {"write", "publish"}
      /\ \/ slot' = ReplyTo(request, slot).slot /\ UNCHANGED <<late, lost>>
         \/ HoldBack(request) /\ UNCHANGED slot
      /\ writer' = [writer EXCEPT ![w] = NoWriter]
      /\ UNCHANGED <<db, replica, fences, flight, written, served, broken>>
      /\ TheRestGoesOn

\* Publisher: a row, or only its version, as for a row that was too large for a repair.
Told == {"publish"} \cup (IF "withholder" \in Clients THEN {"drop"} ELSE {})

\* AfterCommit.publishWritten, Publishing.publish: repeated until there is an answer.
PublishUpdate(w, verb) ==
  LET me == writer[w]
      request == Request(verb, IF verb = "publish" THEN me.fence ELSE NoFence, me.row, "")
      reply == ReplyTo(request, slot)
      returned ==
        /\ writer' = [writer EXCEPT ![w] = NoWriter]
        /\ written' = Max(written, Published(me.row))
  IN  /\ me.pc = "publish"
      /\ \/ /\ Answered(request)
            /\ slot' = reply.slot
            /\ returned
         \/ /\ HoldBack(request)
            /\ UNCHANGED slot
            /\ IF Off("repeat-after-lost-reply") THEN returned ELSE UNCHANGED <<writer, written>>
      /\ UNCHANGED <<db, replica, fences, flight, served, broken>>
      /\ TheRestGoesOn

\* The process dies; or, after the commit, WriteOutcome.UNKNOWN.
CrashUpdate(w) ==
  /\ "crash" \in Faults
  /\ writer[w].pc # "idle"
  /\ writer' = [writer EXCEPT ![w] = NoWriter]
  /\ UNCHANGED <<db, replica, slot, fences, flight, late, lost, written, served, broken>>
  /\ TheRestGoesOn

UpdateStep ==
  \E w \in Writers :
    \/ StartUpdate(w) \/ ClaimForUpdate(w) \/ WriteAnyway(w) \/ CommitUpdate(w)
    \/ UpdateFails(w) \/ CrashUpdate(w)
    \/ \E verb \in Told : PublishUpdate(w, verb)

\* A transaction past the cache.
CommitPast ==
  /\ "publisher" \in Clients
  /\ Len(db) < MaxCommits
  /\ \E commit \in NextCommits : db' = Append(db, commit)
  /\ UNCHANGED <<replica, slot, fences, flight, writer, late, lost, written, served, broken>>
  /\ TheRestGoesOn

\* VersionedCache.publish of any commit, by its writer or a change feed. It may be repeated, so one
\* that is held back needs no state of its own. One without an answer promises nothing.
Publish ==
  /\ "publisher" \in Clients
  /\ \E i \in DOMAIN db, verb \in Told :
       /\ written' = Max(written, Published(RowAt(i)))
       /\ \/ slot' = ReplyTo(Request(verb, NoFence, RowAt(i), ""), slot).slot /\ UNCHANGED lost
          \/ /\ Off("repeat-after-lost-reply")
             /\ lost < MaxLost
             /\ lost' = lost + 1
             /\ UNCHANGED slot
  /\ UNCHANGED <<db, replica, fences, flight, writer, late, served, broken>>
  /\ TheRestGoesOn

\* VersionedCache.invalidate: AfterCommit.drop. It promises all that was committed before.
Invalidate ==
  /\ "invalidator" \in Clients
  /\ slot' = ReplyTo(Request("drop", NoFence, Absence, ""), slot).slot
  /\ written' = Max(written, Dropped)
  /\ UNCHANGED <<db, replica, fences, flight, writer, late, lost, served, broken>>
  /\ TheRestGoesOn

-----------------------------------------------------------------------------
(* Clear: SlotStore.clear, by SCAN and UNLINK. It removes a slot that is    *)
(* there from its beginning to its end, at some moment; one that is not     *)
(* there at some moment in between may be missed.                           *)

NoSweep == [on |-> FALSE, since |-> 0, missable |-> FALSE]

\* A floor, or an entry, is not lost before its time: Settings.floorLife, Rows.lifetime.
MayForget == replica >= slot.since

BeginClear ==
  /\ "clearer" \in Clients
  /\ ~sweep.on
  /\ sweep' = [on |-> TRUE, since |-> Len(db), missable |-> slot = Empty]
  /\ UNCHANGED <<db, replica, slot, servers, copy, look, fences, flight, writer, late, lost, written,
                 served, broken>>

EndClear ==
  /\ sweep.on
  /\ \/ /\ sweep.missable \/ CountsWrongly
        /\ UNCHANGED slot
     \/ /\ slot # Empty
        /\ MayForget \/ "clear-on-replica" \in Beyond
        /\ slot' = IF Off("clear-breaks-claims") /\ slot.state = "PENDING" THEN slot ELSE Empty
  /\ written' = IF Dropped = 0 THEN written ELSE Max(written, sweep.since)
  /\ sweep' = NoSweep
  /\ UNCHANGED <<db, replica, servers, copy, look, fences, flight, writer, late, lost, served, broken>>

-----------------------------------------------------------------------------
(* The rest of the world.                                                  *)

\* Eviction, or the end of an entry's life. With a replica, entries are kept until it has caught up.
LoseSlot ==
  /\ "slot-loss" \in Faults
  /\ slot # Empty
  /\ MayForget \/ "early-loss" \in Beyond
  /\ slot' = Empty
  /\ UNCHANGED <<db, replica, fences, flight, writer, late, lost, written, served, broken>>
  /\ TheRestGoesOn

\* The end of a claim's life, which is independent of the floor's.
EndClaim ==
  /\ "slot-loss" \in Faults
  /\ slot.state = "PENDING" /\ slot.fence # NoFence
  /\ slot' = Stamped(FloorOnly(FloorOf(slot)), slot.lineage)
  /\ UNCHANGED <<db, replica, fences, flight, writer, late, lost, written, served, broken>>
  /\ TheRestGoesOn

\* The end of a floor's life, as early as it may come. The claim that is there carries it on.
EndFloor ==
  /\ "slot-loss" \in Faults
  /\ slot.state = "PENDING" /\ slot.version # NoVersion /\ ~slot.over
  /\ MayForget
  /\ slot' = IF slot.fence = NoFence THEN Empty ELSE [slot EXCEPT !.over = TRUE, !.since = 0]
  /\ UNCHANGED <<db, replica, fences, flight, writer, late, lost, written, served, broken>>
  /\ TheRestGoesOn

\* The end of a reservation's life.
EndReservation ==
  /\ "slot-loss" \in Faults
  /\ HasEntry(slot) /\ slot.fence # NoFence
  /\ slot' = [slot EXCEPT !.fence = NoFence]
  /\ UNCHANGED <<db, replica, fences, flight, writer, late, lost, written, served, broken>>
  /\ TheRestGoesOn

\* The end of an entry's time to live, with grace: Slot.Freshness
Expire ==
  /\ "grace" \in Clients
  /\ HasEntry(slot) /\ ~slot.expired
  /\ slot' = [slot EXCEPT !.expired = TRUE]
  /\ UNCHANGED <<db, replica, fences, flight, writer, late, lost, written, served, broken>>
  /\ TheRestGoesOn

Replicate ==
  /\ "replica" \in Source
  /\ replica < Len(db)
  /\ replica' = replica + 1
  /\ UNCHANGED <<db, slot, fences, flight, writer, late, lost, written, served, broken>>
  /\ TheRestGoesOn

\* Tenure, for every client that has a claim and is not done.
Renew ==
  /\ \E fence \in {flight[f].fence : f \in {g \in Flights :
                     flight[g].pc \in {"load replica", "fill from replica", "load", "fill"}}}
              \cup {writer[w].fence : w \in {v \in Writers :
                     writer[v].pc \in {"write", "publish"} /\ writer[v].fence # NoFence}} :
       slot' = ReplyTo(Request("renew", fence, NoRow, ""), slot).slot
  /\ UNCHANGED <<db, replica, fences, flight, writer, late, lost, written, served, broken>>
  /\ TheRestGoesOn

-----------------------------------------------------------------------------
(* Servers. A lineage is some characters of a replication id, and is never  *)
(* given twice. A replica has the lineage of its master until it takes      *)
(* over.                                                                    *)

NewLineage == servers.drawn + 1

\* How far a replica of the source must be before it is asked in a lineage that begins now.
YoungNow == IF "replica" \in Source THEN Len(db) ELSE 0

\* Whether anybody may still see what the other server, or the replica, holds.
CopyMatters(drawn) ==
  \/ drawn < MaxLineages
  \/ "slow-reader" \in Clients
  \/ Off("only-masters-count") \/ Off("enough-replicas")

\* Replication, which is asynchronous: the replica has any earlier state of the slot, this one in the
\* end. The rarer the copies, the older is what a failover brings back; snapshots are the same.
CopySlot ==
  /\ "failover" \in Faults
  /\ servers.other \in {"replica", "master"}
  /\ CopyMatters(servers.drawn)
  /\ copy # slot
  /\ copy' = slot
  /\ UNCHANGED <<db, replica, slot, servers, look, fences, flight, writer, late, lost, written, served,
                 broken>>
  /\ SweepGoesOn

\* What the old master may be after a failover: a replica; or one that goes on as a master for clients
\* that are cut off with it, and has noticed that it has lost its replicas, or has not.
OldMaster ==
  {"replica"}
    \cup (IF "isolation" \in Faults THEN {"cut off"} ELSE {})
    \cup (IF {"isolated-reads", "isolated-acknowledges"} \cap Beyond # {} THEN {"isolated"} ELSE {})

\* The replica takes over. In a cluster whose hash slots move, the replicas are not servers of their own
\* here: nobody can be connected to them.
FailOver ==
  LET new == IF servers.other = "master" THEN servers.home ELSE Other(servers.home)
      old == Other(new)
  IN  /\ "failover" \in Faults
      /\ servers.drawn < MaxLineages
      /\ servers.other \in {"replica", "master"}
      /\ \E other \in IF servers.other = "master" THEN {"master"} ELSE OldMaster :
           servers' = [servers EXCEPT
             !.home = new, !.other = other, !.drawn = NewLineage,
             !.lineage[new] = NewLineage,
             !.lineage[old] = IF other = "replica" THEN NoLineage ELSE @,
             !.young[new] = YoungNow,
             !.young[old] = IF other = "master" THEN @ ELSE 0,
             !.restored = "moves" \in Faults]
      /\ slot' = copy
      /\ copy' = IF servers'.other \in {"replica", "master"} /\ ~CopyMatters(NewLineage) THEN Empty
                 ELSE IF servers.other = "master" THEN copy
                 ELSE slot
      /\ sweep' = [sweep EXCEPT !.missable = sweep.on]
      /\ UNCHANGED <<db, replica, look, fences, flight, writer, late, lost, written, served, broken>>

\* A master changes its replication id: its backlog was freed for want of replicas.
ChangeId ==
  /\ "failover" \in Faults
  /\ servers.drawn < MaxLineages
  /\ servers' = [servers EXCEPT
       !.drawn = NewLineage, !.lineage[servers.home] = NewLineage, !.young[servers.home] = YoungNow]
  /\ UNCHANGED <<db, replica, slot, copy, look, fences, flight, writer, late, lost, written, served,
                 broken>>
  /\ SweepGoesOn

\* The old master becomes a replica of the new one.
Rejoin ==
  /\ servers.other \in {"cut off", "isolated"}
  /\ servers' = [servers EXCEPT !.other = "replica", !.lineage[Other(servers.home)] = NoLineage]
  /\ copy' = IF CopyMatters(servers.drawn) THEN copy ELSE Empty
  /\ UNCHANGED <<db, replica, slot, look, fences, flight, writer, late, lost, written, served, broken>>
  /\ SweepGoesOn

\* The hash slot moves to another master of the cluster, by MIGRATE: with what the slot holds, and with
\* its stamp.
Move ==
  /\ "moves" \in Faults
  /\ servers.restored /\ slot # Empty /\ slot.lineage = servers.lineage[Other(servers.home)]
       => "moves-back-restored" \in Beyond
  /\ replica < servers.young[servers.home] => "moves-young" \in Beyond
  /\ sweep.on => "moves-while-cleared" \in Beyond
  /\ servers' = [servers EXCEPT !.home = Other(@), !.restored = FALSE]
  /\ sweep' = [sweep EXCEPT !.missable = sweep.on]
  /\ UNCHANGED <<db, replica, slot, copy, look, fences, flight, writer, late, lost, written, served,
                 broken>>

\* A publisher that is cut off with the old master. It has not noticed: min-replicas-to-write.
PublishIsolated ==
  /\ "isolated-acknowledges" \in Beyond
  /\ servers.other = "isolated"
  /\ \E i \in DOMAIN db :
       /\ written' = Max(written, Published(RowAt(i)))
       /\ copy' = ReplyUnder(Request("publish", NoFence, RowAt(i), ""), copy,
                             servers.lineage[Other(servers.home)]).slot
  /\ UNCHANGED <<db, replica, slot, servers, look, fences, flight, writer, late, lost, served, broken>>
  /\ SweepGoesOn

ServerStep == CopySlot \/ FailOver \/ ChangeId \/ Rejoin \/ Move \/ PublishIsolated

-----------------------------------------------------------------------------
(* Slow reads: ReadCall.look on a connection to any server that answers. In *)
(* one round trip it asks for the value and then for the server's lineage,  *)
(* and anything can happen in between.                                      *)

NoLook == [at |-> 0, row |-> NoRow, lineage |-> NoLineage, written |-> 0, served |-> 0]

Answers(server) == server = servers.home \/ servers.other \in {"replica", "isolated", "cut off"}

HeldBy(server) == IF server = servers.home THEN slot ELSE copy

Asked(server) == IF Counts(server) THEN LineageAt(server) ELSE NoLineage

AnswerRead(s, lineage) ==
  IF IsFresh(s) /\ lineage # NoLineage /\ (s.lineage = lineage \/ Off("stamp-on-read"))
  THEN /\ served' = Max(served, s.commit)
       /\ broken' = broken \cup Breaks(SlotRow(s), look.written, look.served, TRUE)
  ELSE UNCHANGED <<served, broken>>

BeginRead ==
  /\ "slow-reader" \in Clients
  /\ look = NoLook
  /\ \E server \in {1, 2} :
       /\ Answers(server)
       /\ IF Off("lineage-asked-after")
          THEN /\ Counts(server)
               /\ look' = [NoLook EXCEPT !.at = server, !.lineage = LineageAt(server),
                             !.written = written, !.served = served]
          ELSE /\ IsFresh(HeldBy(server))
               /\ look' = [at |-> server, row |-> [HeldBy(server) EXCEPT !.since = 0, !.fence = NoFence],
                           lineage |-> NoLineage, written |-> written, served |-> served]
  /\ UNCHANGED <<db, replica, slot, servers, copy, fences, flight, writer, late, lost, written, served,
                 broken>>
  /\ SweepGoesOn

EndRead ==
  /\ look # NoLook
  /\ IF Off("lineage-asked-after")
     THEN AnswerRead(IF Answers(look.at) THEN HeldBy(look.at) ELSE Empty, look.lineage)
     ELSE AnswerRead(look.row, Asked(look.at))
  /\ look' = NoLook
  /\ UNCHANGED <<db, replica, slot, servers, copy, fences, flight, writer, late, lost, written>>
  /\ SweepGoesOn

-----------------------------------------------------------------------------

Init ==
  /\ db = IF "row-at-first" \in Source THEN <<[kind |-> "VALUE", version |-> 1]>> ELSE <<>>
  /\ replica = 0
  /\ slot = Empty
  /\ servers =
       [home |-> 1,
        other |-> CASE "moves" \in Faults -> "master" [] "failover" \in Faults -> "replica" [] OTHER -> "none",
        lineage |-> IF "moves" \in Faults THEN <<1, 2>> ELSE <<1, NoLineage>>,
        young |-> <<0, 0>>,
        drawn |-> IF "moves" \in Faults THEN 2 ELSE 1,
        restored |-> FALSE]
  /\ copy = Empty
  /\ look = NoLook
  /\ fences = 0
  /\ flight = [f \in Flights |-> NoFlight]
  /\ writer = [w \in Writers |-> NoWriter]
  /\ late = {}
  /\ lost = 0
  /\ written = 0
  /\ served = 0
  /\ sweep = NoSweep
  /\ broken = {}

Next ==
  \/ Hit \/ FlightStep \/ UpdateStep \/ CommitPast \/ Publish \/ Invalidate
  \/ BeginClear \/ EndClear
  \/ CarryOutLate \/ LoseSlot \/ EndClaim \/ EndFloor \/ EndReservation \/ Expire \/ Replicate \/ Renew
  \/ ServerStep \/ BeginRead \/ EndRead

Spec == Init /\ [][Next]_vars

\* Flights are interchangeable, and so are updates.
Symmetry == Permutations(Flights) \cup Permutations(Writers)

-----------------------------------------------------------------------------
(* The promises.                                                           *)

\* Once any reader anywhere was served a version from the shared store, no call that begins later is
\* served less.
ForwardOnly == "ForwardOnly" \notin broken

\* Once a write has returned with anything but UNKNOWN, no call that begins later is served anything
\* older.
ReadYourWrites == "ReadYourWrites" \notin broken

\* No caller gets a row that was read from the source before its call began, unless the store has
\* accepted the row since then.
NothingReadBefore == "NothingReadBefore" \notin broken

\* A value and its version come from one read of the row.
OneRow == slot.state = "VALUE" => SlotRow(slot) = RowAt(slot.commit)

\* One load per key in the fleet, as long as nothing is lost and nobody writes. Not a promise of
\* safety: with faults, it is only checked where there are none.
Loading(f) ==
  /\ flight[f].pc \in
       {"load replica", "fill from replica", "load", "fill", "load for refresh", "refresh"}
  /\ flight[f].fence # NoFence
OneLoad == Cardinality({f \in Flights : Loading(f)}) <= 1

\* Every variable has its type. Absent values have one form, which keeps the states few.
Commits == 0..MaxCommits
Rows == [kind : {"VALUE", "ABSENT"}, version : Commits, commit : Commits] \cup {NoRow}
Seats ==
  [who : {"first", "late"}, at : Nat, written : Commits, served : Commits, fresh : BOOLEAN]

TypeOK ==
  /\ db \in Seq([kind : {"VALUE", "ABSENT"}, version : Commits]) /\ Len(db) <= MaxCommits
  /\ replica \in 0..Len(db)
  /\ \A s \in {slot, copy} :
       /\ s \in [state : {"EMPTY", "PENDING", "VALUE", "ABSENT"}, fence : -MaxFence..MaxFence,
                 version : Commits, commit : Commits, expired : BOOLEAN, since : 0..Len(db),
                 over : BOOLEAN, lineage : 0..MaxLineages]
       /\ s.state # "PENDING" => ~s.over
       /\ s.fence # NoFence => s.state = "PENDING" \/ (HasEntry(s) /\ s.expired)
       /\ s.over => s.fence # NoFence /\ s.since = 0
       /\ s.state = "EMPTY" => s = Empty
       /\ s # Empty => s.lineage \in 1..servers.drawn
       /\ s.commit <= Len(db)
  /\ servers \in
       [home : {1, 2}, other : {"none", "replica", "master", "isolated", "cut off"},
        lineage : [{1, 2} -> 0..servers.drawn], young : [{1, 2} -> 0..Len(db)],
        drawn : 1..MaxLineages, restored : BOOLEAN]
  /\ Lineage # NoLineage
  /\ look.at \in 0..2
  /\ fences \in 0..MaxFence
  /\ \A f \in Flights :
       /\ flight[f].pc \in {"idle", "acquire", "claim", "load replica", "fill from replica", "load",
                            "fill", "load for refresh", "refresh", "land", "bypass",
                            "land bypassed"}
       /\ flight[f].pc = "idle" => flight[f] = NoFlight
       /\ flight[f].fence \in -fences..fences
       /\ flight[f].row \in Rows
       /\ flight[f].seats \subseteq Seats
       /\ flight[f].read <= flight[f].epoch
       /\ flight[f].refusals < MaxRefusals
  /\ \A w \in Writers :
       /\ writer[w].pc \in {"idle", "claim", "write", "publish"}
       /\ writer[w].fence \in 0..fences
       /\ writer[w].row \in Rows
  /\ lost \in 0..MaxLost
  /\ Cardinality(late) <= lost
  /\ written \in 0..Len(db)
  /\ served \in 0..Len(db)

=============================================================================
