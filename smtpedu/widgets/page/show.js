import { Model } from "./model.js";

/* Draws what the output of a cell holds, whatever carried it to the page.

   `kit` is what the page has for every widget: `strings` (language → key → text), `load(name)`,
   which promises a part of the texts and facts, `module(path)`, which promises a module, and
   `link(anchor, name)`, which makes a link lead to the file of this name beside the notebook; in
   JupyterLab `goOn(node)`, which leads from what stands in a cell's output to the next cell, and
   `notebook`: its `path()`, and `isOther(path)`, whether that is another one that is open. */

/** The model of a widget and what draws it. `data` is { language, KIND: what to draw }; `placeOf`
    gives what keeps the values of these names. */
export async function opened({ language = "en", ...data }, kit, placeOf) {
  const [[kind, what]] = Object.entries(data);
  // An output may be anybody's: an address would bring code of theirs, in a notebook not trusted.
  if (!/^[a-z]+$/.test(kind)) throw new Error(`no widget ${JSON.stringify(kind)}`);
  const { state, default: widget } = await kit.module(`${kind}/${kind}.js`);
  const values = state ? await state(what, kit) : what;
  const place = placeOf?.(widget.remembers ?? []);
  const model = new Model({ language, ...values }, place);
  const clean = widget.initialize?.({ model, kit });
  return { model, clean, render: (el) => widget.render({ model, el, kit }) };
}
