import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOver, nextLabel } from '../src/act';
import { ServerClock } from '../src/clock';
import { clientLetter, count, duration, plural } from '../src/format';
import { pieces } from '../src/highlight';
import { buttonsFor } from '../src/nodes';
import type { Act, LaneTotals, Slot } from '../src/protocol';
import { perSecond } from '../src/rate';
import { databaseShare, kinds, wrongAnswers } from '../src/scoreboard';
import { remainingMillis } from '../src/slot';
import { sentence } from '../src/stampede';

const TOTALS: LaneTotals = {
  reads: 12_000,
  writes: 60,
  old: 280,
  back: 32,
  failed: 0,
  databaseReads: 40,
};

test('old answers and answers that go back are wrong', () => {
  assert.equal(wrongAnswers(TOTALS), 312);
  assert.equal(kinds(TOTALS), '280 older than a write, 32 going back');
  assert.equal(kinds({ ...TOTALS, old: 0, back: 0 }), 'in 12,000 reads');
});

test('the share of reads that the database saw is told where there is one', () => {
  assert.equal(databaseShare(TOTALS), '1 in 300 reads');
  assert.equal(databaseShare({ ...TOTALS, databaseReads: null }), 'database away');
  assert.equal(databaseShare({ ...TOTALS, databaseReads: 0 }), '');
});

test('a rate is unknown where a count is, and where it was set back', () => {
  assert.equal(perSecond(100, 150, 500), 100);
  assert.equal(perSecond(null, 150, 500), null);
  assert.equal(perSecond(150, 100, 500), null);
  assert.equal(perSecond(100, 150, 0), null);
});

test('numbers and durations have their units', () => {
  assert.equal(count(1_234_567), '1,234,567');
  assert.equal(count(null), '–');
  assert.equal(duration(0.4321), '0.4 ms');
  assert.equal(duration(17.6), '18 ms');
  assert.equal(duration(1234), '1.2 s');
  assert.equal(duration(61_000), '1 min 1 s');
  assert.equal(plural(1, 'caller'), '1 caller');
  assert.equal(plural(100, 'caller'), '100 callers');
  assert.equal(clientLetter(14), 'N');
});

test("the fastest message sets the server's clock", () => {
  let local = 1000;
  const clock = new ServerClock(() => local);
  clock.observe(5000);
  local = 2000;
  clock.observe(5900);
  assert.equal(clock.now(), 6000);
  clock.observe(6005);
  assert.equal(clock.now(), 6005);
});

test('the remaining life goes on between two looks, and ends at 0', () => {
  const slot = { at: 1000, ttlMillis: 300 } as Slot;
  assert.equal(remainingMillis(slot, 1100), 200);
  assert.equal(remainingMillis(slot, 9000), 0);
  assert.equal(remainingMillis({ ...slot, ttlMillis: null }, 1100), null);
});

test('the pieces of a source are the source', () => {
  const source = '// why\nfinal class Rival {\n  String key = "a // b";\n}\n';
  const found = pieces(source);
  assert.equal(found.map(({ text }) => text).join(''), source);
  assert.deepEqual(
    found.filter(({ kind }) => kind !== null).map(({ kind, text }) => [kind, text]),
    [
      ['comment', '// why'],
      ['word', 'final'],
      ['word', 'class'],
      ['text', '"a // b"'],
    ],
  );
});

test('a node offers what its state allows', () => {
  assert.deepEqual(buttonsFor('running'), ['pause', 'kill', 'expire']);
  assert.deepEqual(buttonsFor('paused'), ['resume', 'kill', 'expire']);
  assert.deepEqual(buttonsFor('stopped'), [null, 'start', null]);
});

test('an act goes on until all steps are taken or one failed, and can then be seen again', () => {
  const act = { seed: 7, taken: 1, steps: [{}, {}], failure: null } as unknown as Act;
  assert.ok(!isOver(act));
  assert.equal(nextLabel(act), 'Next: step 2 of 2');
  assert.equal(nextLabel({ ...act, stepping: true }), 'Under way: step 2 of 2');
  assert.ok(isOver({ ...act, taken: 2 }));
  assert.ok(isOver({ ...act, failure: 'node 2 is stopped' }));
  assert.equal(nextLabel({ ...act, taken: 2 }), 'Play it again with seed 7');
});

test('a stampede is told in one sentence', () => {
  const stampede = {
    lane: 'protected',
    product: 3,
    callers: 100,
    databaseReads: 1,
    failed: 0,
    averageMillis: 60,
    maxMillis: 90,
  } as const;
  assert.equal(sentence(stampede), 'Protected: 1 database read for 100 callers');
});
