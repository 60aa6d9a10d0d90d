/* A prebuilt extension of JupyterLab is a container of module federation, which is two functions:
   no bundler is needed. All else is modules beside this file. */
(() => {
  const base = new URL("..", document.currentScript.src);
  let shared;
  window._JUPYTERLAB ??= {};
  window._JUPYTERLAB.smtpedu = {
    init(scope) {
      shared = scope;
    },
    async get() {
      const { plugin } = await import(new URL("page/jupyterlab.js", base));
      const made = await plugin(shared, base);
      return () => ({ __esModule: true, default: made });
    },
  };
})();
