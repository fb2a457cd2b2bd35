-------------------------------- MODULE Bulk --------------------------------
(***************************************************************************)
(* Loads of many keys that overlap: nobody waits for another's key while   *)
(* holding one.                                                            *)
(*                                                                         *)
(* Two loads of the keys 1 and 2, which begin at different ends, and one   *)
(* of key 1 alone. A load takes what is free, loads it, fills it, and has  *)
(* then given everything back; only then it waits for the rest, and begins *)
(* again. Loads may fail, and one may die at any moment. All others end.   *)
(* If loads waited with a key in hand, as under HoldsWhileWaiting, two     *)
(* could wait for each other.                                              *)
(*                                                                         *)
(* What a slot does is in Tidemark.tla; here it is free, claimed or full.  *)
(***************************************************************************)
EXTENDS Naturals, Sequences, FiniteSets, TLC

CONSTANT HoldsWhileWaiting \* whether a load waits for a key in the middle of taking

Wants == "ascending" :> <<1, 2>> @@ "descending" :> <<2, 1>> @@ "single" :> <<1>>

Loads == DOMAIN Wants
Keys == {1, 2}

VARIABLES
  slot,  \* FREE, FULL, or the load that claimed it
  pc,    \* what a load does next
  next,  \* the place of the key that a load looks at next
  open,  \* the keys that a load has no answer for
  loads  \* how often each key was read from the source

vars == <<slot, pc, next, open, loads>>

Held(l) == {k \in Keys : slot[k] = l}

AllOf(l) == {Wants[l][i] : i \in DOMAIN Wants[l]}

IsOver(l) == pc[l] \in {"ended", "dead"}

\* SlotStore.claimAll, for one of its keys after the other; keys that have their answer are passed over.
Take(l) ==
  LET k == Wants[l][next[l]]
      isAnothers == k \in open[l] /\ slot[k] \notin {"FREE", "FULL"}
      held == Held(l) \cup (IF k \in open[l] /\ slot[k] = "FREE" THEN {k} ELSE {})
      left == IF slot[k] = "FULL" THEN open[l] \ {k} ELSE open[l]
  IN  /\ pc[l] = "take"
      /\ ~(HoldsWhileWaiting /\ isAnothers)
      /\ slot' = IF k \in held THEN [slot EXCEPT ![k] = l] ELSE slot
      /\ open' = [open EXCEPT ![l] = left]
      /\ IF next[l] < Len(Wants[l])
         THEN next' = [next EXCEPT ![l] = @ + 1] /\ UNCHANGED pc
         ELSE /\ next' = [next EXCEPT ![l] = 1]
              /\ pc' = [pc EXCEPT ![l] =
                   IF held # {} THEN "load" ELSE IF left = {} THEN "ended" ELSE "wait"]
      /\ UNCHANGED loads

\* One call of the source for all that is held.
Load(l) ==
  /\ pc[l] = "load"
  /\ loads' = [k \in Keys |-> IF k \in Held(l) THEN loads[k] + 1 ELSE loads[k]]
  /\ pc' = [pc EXCEPT ![l] = "fill"]
  /\ UNCHANGED <<slot, next, open>>

\* Keys whose load failed have their answer: each fails for itself.
LoadFails(l) ==
  /\ pc[l] = "load"
  /\ pc' = [pc EXCEPT ![l] = "give up"]
  /\ UNCHANGED <<slot, next, open, loads>>

\* SlotStore.fillAll or SlotStore.abandonAll, for one of its keys after the other. A fill may find its
\* claim gone, which was broken by a write, say; then the key is still open.
GiveBack(l) ==
  \E k \in Held(l) :
    /\ pc[l] \in {"fill", "give up"}
    /\ slot' = [slot EXCEPT ![k] = IF pc[l] = "fill" THEN "FULL" ELSE "FREE"]
    /\ open' = [open EXCEPT ![l] = @ \ {k}]
    /\ pc' = [pc EXCEPT ![l] =
         IF Held(l) # {k} THEN @ ELSE IF open'[l] = {} THEN "ended" ELSE "wait"]
    /\ UNCHANGED <<next, loads>>

\* A wait ends when a key is given back.
Wake(l) ==
  /\ pc[l] = "wait"
  /\ \E k \in open[l] : slot[k] \in {"FREE", "FULL"}
  /\ pc' = [pc EXCEPT ![l] = "take"]
  /\ UNCHANGED <<slot, next, open, loads>>

\* Of one load, which is enough for the others to need the end of its claims.
Die(l) ==
  /\ ~IsOver(l)
  /\ \A m \in Loads : pc[m] # "dead"
  /\ pc' = [pc EXCEPT ![l] = "dead"]
  /\ UNCHANGED <<slot, next, open, loads>>

\* The claim of a load that died ends.
EndClaim(k) ==
  /\ slot[k] \in Loads /\ pc[slot[k]] = "dead"
  /\ slot' = [slot EXCEPT ![k] = "FREE"]
  /\ UNCHANGED <<pc, next, open, loads>>

\* So that an end is not a deadlock.
AllOver ==
  /\ \A l \in Loads : IsOver(l)
  /\ UNCHANGED vars

Step(l) == Take(l) \/ Load(l) \/ GiveBack(l) \/ Wake(l)

Init ==
  /\ slot = [k \in Keys |-> "FREE"]
  /\ pc = [l \in Loads |-> "take"]
  /\ next = [l \in Loads |-> 1]
  /\ open = [l \in Loads |-> AllOf(l)]
  /\ loads = [k \in Keys |-> 0]

Next ==
  \/ \E l \in Loads : Step(l) \/ LoadFails(l) \/ Die(l)
  \/ \E k \in Keys : EndClaim(k)
  \/ AllOver

\* Nobody has to die or fail, but whoever can go on does so in the end.
Fairness ==
  /\ \A l \in Loads : WF_vars(Step(l) \/ LoadFails(l))
  /\ \A k \in Keys : WF_vars(EndClaim(k))

Spec == Init /\ [][Next]_vars /\ Fairness

TypeOK ==
  /\ slot \in [Keys -> {"FREE", "FULL"} \cup Loads]
  /\ pc \in [Loads -> {"take", "load", "fill", "give up", "wait", "ended", "dead"}]
  /\ \A l \in Loads : next[l] \in DOMAIN Wants[l] /\ open[l] \subseteq AllOf(l)

\* Nobody waits, or has ended, with a key in hand.
WaitsWithEmptyHands == \A l \in Loads : pc[l] \in {"wait", "ended"} => Held(l) = {}

\* A key is read once, and once more for each load that died with it.
OneLoad == \A k \in Keys : loads[k] <= 1 + Cardinality({l \in Loads : pc[l] = "dead"})

\* Every load ends.
Ends == <>(\A l \in Loads : IsOver(l))

=============================================================================
