/* What a widget on a page knows: its values, and the way to Python, if there is one. It has the form
   of anywidget's models, so that drawing code needs to know nothing of where it is. */

export class Model {
  #values;
  #listeners = [];
  #changed = new Set();
  #link; // undefined as long as it is not known whether there is one
  #waiting = [];
  #early = new Set(); // what was set here before Python first said how things stand
  #place;

  /** `place` keeps what the learner sees, such as the step of a session, while Python is gone. */
  constructor(values, place = null) {
    this.#values = { ...values, ...place?.read() };
    this.#place = place;
  }

  get(name) {
    return this.#values[name];
  }

  set(name, value) {
    if (this.#put(name, value)) this.#changed.add(name);
  }

  /** Keep and send what was set since the last time. */
  save_changes() {
    const changed = Object.fromEntries([...this.#changed].map((name) => [name, this.get(name)]));
    this.#changed.clear();
    for (const name of Object.keys(changed)) this.#early?.add(name);
    if (!Object.keys(changed).length) return;
    this.#place?.write(changed);
    this.send({ set: changed }).catch(() => {}); // the page goes on by itself
  }

  on(name, listener) {
    this.#listeners.push([name, listener]);
  }

  off(name, listener) {
    this.#listeners = this.#listeners.filter(([a, b]) => a !== name || b !== listener);
  }

  /** Tell Python, once it is known where it is. Rejects when nobody is there to be told. */
  send(content) {
    return new Promise((resolve, reject) => {
      this.#waiting.push([content, resolve, reject]);
      if (this.#link !== undefined) this.#deliver();
    });
  }

  /** Whether there is somebody to ask. */
  get connected() {
    return this.#link !== null;
  }

  /** Where messages go from now on: a function, which is told as "here", or null for "gone". */
  connect(link) {
    const isBack = link && this.#link === null;
    this.#link = link;
    this.#deliver();
    if (!link) this.#early ??= new Set(); // Python has to say again how things stand
    const early = [...(this.#early ?? [])].map((name) => [name, this.get(name)]);
    if (isBack && early.length) this.send({ set: Object.fromEntries(early) }).catch(() => {});
    this.#emit(link ? "here" : "gone");
  }

  #deliver() {
    for (const [content, resolve, reject] of this.#waiting.splice(0)) {
      try {
        if (!this.#link) throw new Error("no kernel");
        resolve(this.#link(content));
      } catch (error) {
        reject(error);
      }
    }
  }

  /** What Python says: values that are other now, or an answer. */
  receive({ state, ...said }) {
    for (const [name, value] of Object.entries(state ?? {}))
      if (!this.#early?.has(name)) this.#put(name, value);
    if (state) this.#place?.write(state);
    if (state) this.#early = null;
    if (Object.keys(said).length) this.#emit("msg:custom", said);
  }

  #put(name, value) {
    if (JSON.stringify(this.#values[name]) === JSON.stringify(value)) return false;
    this.#values[name] = value;
    this.#emit(`change:${name}`);
    return true;
  }

  #emit(name, ...values) {
    for (const [wanted, listener] of [...this.#listeners]) if (wanted === name) listener(...values);
  }
}
