/* Legends of the layers that are on: unit, which cases are counted, classes, "no data" apart from zero,
   what is left out. All of it comes with the spec that colours the map, so that neither runs ahead. */
(function () {
  "use strict";
  const shell = window.shell;
  const KEYS = ["raster", "basemap", "areas", "buildings", "zones", "chiefs", "heat", "clusters", "reach", "traces", "cases", "changes", "resources", "officers", "alerts", "whistles", "labels"];
  const SCALES = ["fixed", "adaptive"];
  const make = (tag, name, text) => Object.assign(document.createElement(tag), {className: name || "", textContent: text ?? ""});
  const count = (n) => Number(n).toLocaleString("en");

  /* What colours mean figures stands open; the rest unfolds on a click. */
  const OPEN = ["areas", "zones", "heat", "clusters", "cases"], unfolded = new Set();

  function swatch(entry, name) {
    const sign = make("i", name);
    if (entry.shape && name === "legend__sign") sign.classList.add("is-" + entry.shape);
    sign.style.background = entry.colour;
    return sign;
  }
  function ramp(entries, texts) {
    const box = make("div", "ramp");
    entries.forEach((entry) => {
      const cell = make("span", "ramp__cell");
      if (entry.count !== null) cell.title = texts.inClass.replace("{n}", count(entry.count));
      cell.append(swatch(entry, "ramp__colour"), make("span", "ramp__label", entry.label));
      box.append(cell);
    });
    return box;
  }
  function list(entries) {
    const box = make("div", "legend__list");
    entries.forEach((entry) => {
      const row = make("span", "legend__row");
      row.append(swatch(entry, "legend__sign"), make("span", "", entry.label));
      box.append(row);
    });
    return box;
  }
  /* "近7天上报 · 已筛选": the window of the figures on the map, not the one that is being chosen. */
  function counted(found, texts) {
    const words = shell.windowWords(found.since, found.until, true);
    const line = make("div", "legend__counted", texts.reported.replace("{window}", words.text));
    line.title = words.title;
    if (found.narrowed) line.append(" · " + shell.words().narrowed);
    return line;
  }
  function choice(scale, texts) {
    const box = make("div", "legend__scale");
    box.setAttribute("role", "radiogroup");
    box.setAttribute("aria-label", texts.scale);
    SCALES.forEach((one) => {
      const name = "scale" + one[0].toUpperCase() + one.slice(1);
      const button = make("button", "chip", texts[name]);
      Object.entries({type: "button", role: "radio", "aria-checked": one === scale, title: texts[name + "Help"], "data-view": "scale", "data-value": one})
        .forEach(([key, value]) => button.setAttribute(key, value));
      box.append(button);
    });
    return box;
  }
  const binned = (key) => window.mapRoom?.content?.(key)?.meta?.kind === "bins";

  function part(key, spec, texts) {
    const legend = spec.legend;
    /* the map thins out what would cover itself */
    const left = (spec.note?.left_out || legend?.left_out || 0) + (window.mapRoom?.state.leftOut?.[key] || 0);
    if (!legend && !left) return null;
    const folded = !OPEN.includes(key), root = make(folded ? "details" : "div", "legend__part");
    root.dataset.legend = key;
    if (folded) { root.open = unfolded.has(key); root.addEventListener("toggle", () => unfolded[root.open ? "add" : "delete"](key)); }
    const head = make(folded ? "summary" : "div", "legend__head", legend?.title || texts["name" + key[0].toUpperCase() + key.slice(1)] || key);
    if (legend?.unit) head.append(make("small", "", " " + legend.unit));
    root.append(head);
    if (legend?.counts) root.append(counted(legend.counts, texts));
    const entries = (legend?.bins?.length && binned(key) ? legend.bins : legend?.entries) || [];
    if (entries.length) root.append(legend.kind === "ramp" ? ramp(entries, texts) : list(entries));
    if (legend?.no_data) root.append(list([legend.no_data]));
    const note = window.mapRoom?.state.notes?.[key]; /* what a layer says of its own state */
    if (note) root.append(make("div", "quiet", note));
    if (left) root.append(make("div", "quiet", texts.leftOut.replace("{n}", count(left))));
    if (legend?.scale) root.append(choice(legend.scale, texts));
    return root;
  }
  /* The part that is drawn anew keeps the focus of the one it takes the place of. */
  function focused(root) {
    const at = document.activeElement;
    if (!root.contains(at)) return null;
    return at.dataset.value ? `[data-value="${at.dataset.value}"]` : `[data-legend="${at.closest("[data-legend]")?.dataset.legend}"] summary`;
  }
  let last = null;
  function show(...given) {
    const view = given.pop(), specs = given.flat();
    last = [specs, view];
    const root = document.getElementById("wall-legend");
    if (!root || !view) return null;
    const at = focused(root);
    const parts = specs.map((spec, k) => (spec && view.layers?.[KEYS[k]] ? part(KEYS[k], spec, root.dataset) : null));
    root.replaceChildren(...parts.filter(Boolean));
    root.hidden = !root.childElementCount;
    if (at) root.querySelector(at)?.focus();
    return null;
  }
  shell.legend = show;
  /* the words of a window depend on the preset that it belongs to */
  shell.heard.push((seen) => { if (last && !shell.same(seen.context, shell.state.context)) show(...last); });
  window.dash_clientside = Object.assign({}, window.dash_clientside, {legend: {show}});
})();
