/*
 * Lets what is heavy wait for the reader. A figure that can be moved or a laboratory comes to life when it is near the
 * viewport and the reader has done something on the page, whatever it is. Until then its still picture stands there,
 * and the page weighs and takes what its text does.
 */

/** Resolves at the first thing that the reader does. */
const readerActs = new Promise((resolve) => {
  for (const sign of ["pointermove", "pointerdown", "touchstart", "wheel", "scroll", "keydown", "focusin", "click"])
    addEventListener(sign, resolve, { once: true, passive: true, capture: true });
});

/** Calls `then` with an element, once, when it is within 600 px of the viewport and the reader is there. */
function whenNear(element, then) {
  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      readerActs.then(() => then(element));
    },
    { rootMargin: "600px" },
  );
  observer.observe(element);
}

const besideThis = document.currentScript.src;
const loaded = new Map();

/**
 * Loads a script that lies beside this one, once a page; a promise.
 *
 * By an element and not by import(), because modules cannot be loaded by a page that is opened from the file system.
 */
function loadScript(name) {
  if (!loaded.has(name))
    loaded.set(
      name,
      new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = new URL(name, besideThis);
        script.onload = resolve;
        script.onerror = () => reject(new Error(`${script.src} could not be loaded`));
        document.head.append(script);
      }),
    );
  return loaded.get(name);
}
