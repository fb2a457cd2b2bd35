type Paint = (now: number) => void;

const calm = matchMedia('(prefers-reduced-motion: reduce)');

/** Whether the visitor asked for as little motion as possible. */
export function isCalm(): boolean {
  return calm.matches;
}

/**
 * Calls `paint` for every frame in which the element is visible, or once a second where the visitor
 * wants little motion.
 */
export function everyFrame(element: Element, paint: Paint): void {
  let visible = false;
  let scheduled = false;
  let paintedAt = 0;
  const frame = (now: number): void => {
    scheduled = false;
    if (!visible) {
      return;
    }
    schedule();
    if (!isCalm() || now - paintedAt >= 1000) {
      paintedAt = now;
      paint(now);
    }
  };
  const schedule = (): void => {
    if (!scheduled) {
      scheduled = true;
      requestAnimationFrame(frame);
    }
  };
  new IntersectionObserver((entries) => {
    visible = entries.at(-1)?.isIntersecting ?? false;
    if (visible) {
      schedule();
    }
  }).observe(element);
}

/** Calls `update` every second while a table beside a picture is open, and when it opens. */
export function whileOpen(details: HTMLDetailsElement, update: () => void): void {
  let timer: ReturnType<typeof setInterval> | undefined;
  details.addEventListener('toggle', () => {
    clearInterval(timer);
    if (details.open) {
      update();
      timer = setInterval(update, 1000);
    }
  });
}
