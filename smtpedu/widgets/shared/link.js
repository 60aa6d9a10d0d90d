/* Python, which may be busy or gone. */

const PATIENCE = 4000; // milliseconds until Python's silence is worth a word

/** Ask Python for things; `onAlive` hears whether it answers: null where there is no kernel. */
export function line(model, onAlive) {
  let timer = 0;
  let awaited = 0; // the newest question; other views of this widget ask and are answered too
  const unheard = (alive) => {
    clearTimeout(timer);
    timer = 0;
    onAlive(alive);
  };
  const heard = ({ heard: answered }) => {
    if (answered === awaited) awaited = 0;
    clearTimeout(timer);
    timer = awaited ? setTimeout(unheard, PATIENCE, false) : 0;
    onAlive(true);
  };
  const ask = (content) => {
    timer ||= setTimeout(unheard, PATIENCE, false);
    awaited = Math.random();
    model.send({ ...content, question: awaited }).catch(() => unheard(null));
  };
  const gone = () => unheard(null);
  model.on("msg:custom", heard);
  model.on("gone", gone);
  const hangUp = () => {
    clearTimeout(timer);
    model.off("msg:custom", heard);
    model.off("gone", gone);
  };
  return { ask, hangUp };
}
