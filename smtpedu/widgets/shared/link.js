/* Python, which may be busy or gone. */

const PATIENCE = 4000; // milliseconds until Python's silence is worth a word

/** Ask Python for things; `onAlive` hears whether it still answers: true, false, or null where there
    is no kernel to ask. */
export function line(model, onAlive) {
  let timer = 0;
  let awaited = 0; // the newest question; other views of this widget ask and are answered too
  const silent = () => {
    timer = 0;
    onAlive(false);
  };
  const gone = () => {
    clearTimeout(timer);
    timer = 0;
    onAlive(null);
  };
  const heard = ({ heard: answered }) => {
    if (answered === awaited) awaited = 0;
    clearTimeout(timer);
    timer = awaited ? setTimeout(silent, PATIENCE) : 0;
    onAlive(true);
  };
  const ask = (content) => {
    timer ||= setTimeout(silent, PATIENCE);
    awaited = Math.random();
    try {
      Promise.resolve(model.send({ ...content, question: awaited })).catch(gone);
    } catch {
      gone();
    }
  };
  model.on("msg:custom", heard);
  const hangUp = () => {
    clearTimeout(timer);
    model.off("msg:custom", heard);
  };
  return { ask, hangUp };
}
