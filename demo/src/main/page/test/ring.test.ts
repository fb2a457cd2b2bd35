import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ring } from '../src/ring';

test('a ring keeps the newest items, in their order', () => {
  const ring = new Ring<number>(3);
  for (let item = 1; item <= 5; item++) {
    ring.push(item);
  }
  assert.deepEqual([...ring], [3, 4, 5]);
  assert.equal(ring.size, 3);
  assert.equal(ring.newest, 5);
});

test('item numbers go on counting while old items are forgotten', () => {
  const ring = new Ring<string>(2);
  ring.push('a');
  ring.push('b');
  ring.push('c');
  assert.equal(ring.first, 1);
  assert.equal(ring.end, 3);
  assert.equal(ring.at(0), undefined);
  assert.equal(ring.at(1), 'b');
  assert.equal(ring.at(3), undefined);
});

test('a cleared ring is empty', () => {
  const ring = new Ring<number>(2);
  ring.push(1);
  ring.clear();
  assert.deepEqual([...ring], []);
  assert.equal(ring.newest, undefined);
});
