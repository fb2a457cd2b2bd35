import { announce } from './announcer';
import { setText } from './dom';
import type { Answered } from './protocol';

/** A request that the server refused, or that did not reach it. The message is for the visitor. */
export class RefusedError extends Error {}

async function refusalOf(answer: Response): Promise<string> {
  try {
    const { error } = (await answer.json()) as Answered;
    if (error !== undefined) {
      return error;
    }
  } catch {
    // The answer is not JSON: its status has to do.
  }
  return `The server answered ${answer.status} ${answer.statusText}`.trim();
}

async function request(path: string, method: 'GET' | 'POST'): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path, { method });
  } catch {
    throw new RefusedError('The server cannot be reached');
  }
  if (!answer.ok) {
    throw new RefusedError(await refusalOf(answer));
  }
  return answer;
}

export async function post<T = Answered>(path: string): Promise<T> {
  const text = await (await request(path, 'POST')).text();
  return (text === '' ? {} : JSON.parse(text)) as T;
}

export async function readText(path: string): Promise<string> {
  return (await request(path, 'GET')).text();
}

type Control = HTMLButtonElement | HTMLSelectElement | HTMLInputElement;

/** Says whether there is anything to do for a control. It is disabled anyhow while it does it. */
export function setAvailable(control: Control, available: boolean): void {
  control.toggleAttribute('data-unavailable', !available);
  control.disabled = !available || control.getAttribute('aria-busy') !== null;
}

/**
 * Does something at the server. Meanwhile the control is disabled. If the server refuses, its
 * reason appears in `refusal`, and is announced. Says whether it was done.
 */
export async function act(
  control: Control,
  refusal: HTMLElement,
  deed: () => Promise<void>,
): Promise<boolean> {
  const focused = document.activeElement === control;
  control.disabled = true;
  control.setAttribute('aria-busy', 'true');
  setText(refusal, '');
  try {
    await deed();
    return true;
  } catch (error) {
    if (!(error instanceof RefusedError)) {
      throw error;
    }
    setText(refusal, error.message);
    announce(`Refused: ${error.message}`);
    return false;
  } finally {
    control.removeAttribute('aria-busy');
    control.disabled = control.hasAttribute('data-unavailable');
    if (focused && (document.activeElement === null || document.activeElement === document.body)) {
      control.focus();
    }
  }
}

/** Makes a button post to a path each time it is pressed. */
export function postOnClick(
  button: HTMLButtonElement,
  refusal: HTMLElement,
  path: () => string,
): void {
  button.addEventListener('click', () => {
    void act(button, refusal, async () => {
      await post(path());
    });
  });
}
