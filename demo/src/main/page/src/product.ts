import { byId, create, setText } from './dom';
import type { Store } from './store';

/** The choice of the product that the page is about. */
export function startProduct(store: Store): void {
  const choice = byId<HTMLSelectElement>('product');
  let offered = '';

  choice.addEventListener('change', () => store.chooseProduct(Number(choice.value)));
  store.on('state', ({ products }) => {
    if (offered !== products.join()) {
      offered = products.join();
      choice.replaceChildren(
        ...products.map((product) => create('option', { value: String(product) }, String(product))),
      );
      if (store.product !== null) {
        choice.value = String(store.product);
      }
    }
  });
  store.on('product', (product) => {
    choice.value = String(product);
    for (const name of document.querySelectorAll('.product-name')) {
      setText(name, `product ${product}`);
    }
  });
}
