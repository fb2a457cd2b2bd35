import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProcessHistory } from '../src/process-history';

test('a stopped process is idle from its stop to its start', () => {
  const history = new ProcessHistory();
  history.observe(1, 'running', 0);
  history.observe(1, 'paused', 100);
  history.observe(1, 'paused', 150);
  history.observe(1, 'running', 200);
  assert.deepEqual(history.idle(1, 0, 1000), [{ begin: 100, end: 200, state: 'paused' }]);
  assert.deepEqual(history.idle(1, 120, 140), [{ begin: 120, end: 140, state: 'paused' }]);
  assert.deepEqual(history.idle(1, 200, 300), []);
});

test('a process that is still stopped is idle until the end', () => {
  const history = new ProcessHistory();
  history.observe(1, 'running', 0);
  history.observe(1, 'stopped', 100);
  assert.deepEqual(history.idle(1, 50, 400), [{ begin: 100, end: 400, state: 'stopped' }]);
});

test('nothing is known of other processes', () => {
  assert.deepEqual(new ProcessHistory().idle(7, 0, 100), []);
});
