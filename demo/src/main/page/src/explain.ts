import { byId, setText } from './dom';
import { explainPath } from './protocol';
import { readText, RefusedError } from './requests';

let shown: number | null = null;

async function read(product: number): Promise<void> {
  const text = byId('explain-text');
  text.setAttribute('aria-busy', 'true');
  try {
    const answer = await readText(explainPath(product));
    if (shown === product) {
      setText(text, answer);
    }
  } catch (error) {
    if (!(error instanceof RefusedError)) {
      throw error;
    }
    setText(text, error.message);
  } finally {
    text.removeAttribute('aria-busy');
  }
}

/** Opens what the cache, the database and the nodes have to say of a product. */
export function explain(product: number): void {
  const dialog = byId<HTMLDialogElement>('explain');
  shown = product;
  setText(byId('explain-title'), `Explain product ${product}`);
  setText(byId('explain-text'), 'Asking…');
  if (!dialog.open) {
    dialog.showModal();
  }
  void read(product);
}

export function startExplain(): void {
  const dialog = byId<HTMLDialogElement>('explain');
  byId('explain-close').addEventListener('click', () => dialog.close());
  byId('explain-again').addEventListener('click', () => {
    if (shown !== null) {
      void read(shown);
    }
  });
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) {
      dialog.close();
    }
  });
}
