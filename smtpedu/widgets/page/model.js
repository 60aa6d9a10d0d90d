/* What a widget on a page knows: its values, and the way to Python, if there is one. It has the form
   of anywidget's models, so that drawing code needs to know nothing of where it is. */

export class Model {
  #values;
  #listeners = [];
  #changed = new Set();
  #link; // undefined as long as it is not known whether there is one
  #waiting = [];
  #heard = false; // whether Python has said how things stand since it was found
  #mine = new Set(); // what was set before it did: newer than what it has
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
    if (!Object.keys(changed).length) return;
    if (!this.#heard) for (const name of Object.keys(changed)) this.#mine.add(name);
    this.#place?.write(changed);
    if (this.#link) this.#tell(changed);
  }

  #tell(set) {
    this.send({ set }).catch(() => {}); // the page goes on by itself
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
    this.#link = link;
    this.#heard = false;
    this.#deliver();
    const mine = [...this.#mine].map((name) => [name, this.get(name)]);
    if (link && mine.length) this.#tell(Object.fromEntries(mine));
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
    const news = Object.entries(state ?? {}).filter(([name]) => !this.#mine.has(name));
    for (const [name, value] of news) this.#put(name, value);
    if (state) {
      this.#place?.write(Object.fromEntries(news));
      this.#mine.clear();
      this.#heard = true;
    }
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
