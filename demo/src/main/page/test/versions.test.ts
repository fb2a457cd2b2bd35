import assert from 'node:assert/strict';
import { test } from 'node:test';
import { colourOf, isOlder, VERSION_COLOURS, VersionOrder } from '../src/versions';

test('versions are compared as numbers, whatever their length', () => {
  assert.ok(isOlder('999', '1000'));
  assert.ok(!isOlder('1000', '999'));
  assert.ok(isOlder('1795712517448739', '1795712522484620'));
  assert.ok(!isOlder('5', '5'));
});

test('a newer version has the next position and the next colour', () => {
  const order = new VersionOrder();
  const first = order.position('tidemark', 1, '1795712517448739');
  const second = order.position('tidemark', 1, '1795712522484620');
  assert.equal(second, first + 1);
  assert.equal(colourOf(second), (colourOf(first) + 1) % VERSION_COLOURS);
});

test('a step back has the position and the colour that the older version had before', () => {
  const order = new VersionOrder();
  const old = order.position('rival', 1, '10');
  order.position('rival', 1, '20');
  assert.equal(order.position('rival', 1, '10'), old);
});

test('a version that turns up late counts as the next older one', () => {
  const order = new VersionOrder();
  const ten = order.position('tidemark', 1, '10');
  order.position('tidemark', 1, '20');
  assert.equal(order.position('tidemark', 1, '15'), ten);
  assert.ok(order.position('tidemark', 1, '5') < ten);
});

test('products and lanes are numbered by themselves', () => {
  const order = new VersionOrder();
  order.position('tidemark', 1, '10');
  order.position('tidemark', 1, '20');
  assert.equal(order.position('tidemark', 2, '30'), 1);
  assert.equal(order.position('rival', 1, '40'), 1);
});

test('a forgotten lane starts anew', () => {
  const order = new VersionOrder();
  order.position('rival', 1, '10');
  order.position('rival', 1, '20');
  order.forget('rival');
  assert.equal(order.position('rival', 1, '30'), 1);
});

test('positions go on when old versions are no longer kept', () => {
  const order = new VersionOrder();
  for (let version = 1; version <= 1000; version++) {
    assert.equal(order.position('tidemark', 1, String(version)), version);
  }
  assert.deepEqual(
    order.newest('tidemark', 1, 2).map(({ position }) => position),
    [999, 1000],
  );
});

test('every position has a colour', () => {
  for (const position of [-3, 0, 6, 7, 1000]) {
    const colour = colourOf(position);
    assert.ok(colour >= 0 && colour < VERSION_COLOURS);
  }
});
