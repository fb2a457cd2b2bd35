import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describe, isNotable, markOfCall, markOfWork, objection } from '../src/marks';
import type { Call } from '../src/protocol';
import { VersionOrder } from '../src/versions';

const CALL: Call = {
  lane: 'tidemark',
  node: 2,
  kind: 'read',
  product: 3,
  begin: 1000,
  end: 1012,
  source: 'cache',
  version: '100',
  verdict: 'right',
  error: null,
};

function mark(change: Partial<Call>, order = new VersionOrder()) {
  return markOfCall({ ...CALL, ...change }, (...of) => order.position(...of));
}

test('the source of a read decides on its shape', () => {
  assert.equal(mark({}).shape, 'hit');
  assert.equal(mark({ source: 'cache (after wait)' }).shape, 'wait');
  assert.equal(mark({ source: 'database (lock holder)' }).shape, 'load');
  assert.equal(mark({ kind: 'write', source: null }).shape, 'write');
  assert.equal(mark({ verdict: 'failed', source: null, version: null }).shape, 'failed');
});

test('an answer that goes back is wrong, and has an older colour', () => {
  const order = new VersionOrder();
  const newer = mark({ lane: 'rival', version: '200' }, order);
  const before = mark({ lane: 'rival', version: '100', verdict: 'back' }, order);
  assert.ok(before.position! < newer.position!);
  assert.equal(before.wrong, 'back');
  assert.match(objection(before), /goes back/);
});

test('a failed call is not wrong', () => {
  assert.equal(mark({ verdict: 'failed', version: null, error: 'no lock' }).wrong, null);
});

test('only refusals of the works become marks, because calls tell of the rest', () => {
  const work = { node: 1, at: 5, product: 3, millis: null };
  assert.equal(markOfWork({ ...work, what: 'fill refused' })?.shape, 'refused');
  assert.equal(markOfWork({ ...work, what: 'fill behind' })?.shape, 'refused');
  assert.equal(markOfWork({ ...work, what: 'loaded' }), null);
});

test('ordinary reads are not notable unless they are wrong', () => {
  assert.ok(!isNotable(mark({})));
  assert.ok(isNotable(mark({ verdict: 'old' })));
  assert.ok(isNotable(mark({ kind: 'write', source: null })));
});

test('a description begins with what is wrong', () => {
  const lines = describe(mark({ verdict: 'old' }), 'TTL only');
  assert.match(lines[0]!, /^Wrong: older/);
  assert.ok(lines.includes('Node 2, TTL only'));
  assert.ok(lines.includes('Version v1 (100)'));
});
