/* Legends of the layers that are on: unit, classes, "no data" apart from zero, what is left out. */
(function () {
  "use strict";
  const shell = window.shell;
  const KEYS = ["raster", "basemap", "areas", "buildings", "chiefs", "heat", "traces", "cases", "resources", "officers", "labels"];
  const make = (tag, name, text) => Object.assign(document.createElement(tag), {className: name || "", textContent: text ?? ""});
  const colour = (value) => (Array.isArray(value) ? `rgba(${value[0]},${value[1]},${value[2]},${(value[3] ?? 255) / 255})` : String(value || ""));
  const pick = (entry, ...names) => { for (const name of names) if (entry[name] !== undefined && entry[name] !== null) return entry[name]; return undefined; };

  /* What colours mean figures stands open; the rest unfolds on a click. */
  const OPEN = ["areas", "heat", "cases"], unfolded = new Set();

  function ramp(entries) {
    const box = make("div", "ramp");
    entries.forEach((entry) => {
      const cell = make("span", "ramp__cell"), swatch = make("i", "ramp__colour");
      swatch.style.background = colour(pick(entry, "colour", "color"));
      cell.append(swatch, make("span", "ramp__label", pick(entry, "label", "text", "value") ?? ""));
      box.append(cell);
    });
    return box;
  }
  function list(entries) {
    const box = make("div", "legend__list");
    entries.forEach((entry) => {
      const row = make("span", "legend__row"), swatch = make("i", "legend__sign");
      if (entry.shape) swatch.classList.add("is-" + entry.shape);
      swatch.style.background = colour(entry.colour);
      row.append(swatch, make("span", "", pick(entry, "label", "text", "value") ?? ""));
      box.append(row);
    });
    return box;
  }
  function show(...given) {
    const view = given.pop(), specs = given.flat();
    const root = document.getElementById("wall-legend");
    if (!root || !view) return null;
    root.replaceChildren();
    (specs || []).forEach((spec, k) => {
      const key = KEYS[k];
      if (!spec || !view.layers?.[key]) return;
      const legend = spec.legend, left = (spec.note?.left_out || legend?.left_out || 0) + (window.mapRoom?.state.leftOut?.[key] || 0); /* the map thins out what would cover itself */
      if (!legend && !left) return;
      const folded = !OPEN.includes(key);
      const part = make(folded ? "details" : "div", "legend__part");
      if (folded) { part.open = unfolded.has(key); part.addEventListener("toggle", () => unfolded[part.open ? "add" : "delete"](key)); }
      const title = legend?.title || root.dataset["name" + key[0].toUpperCase() + key.slice(1)] || key;
      const head = make(folded ? "summary" : "div", "legend__head", title);
      if (legend?.unit) head.append(make("small", "", " " + legend.unit));
      part.append(head);
      const entries = legend?.entries || legend?.classes || [];
      if (entries.length) part.append(legend.kind === "ramp" ? ramp(entries) : list(entries));
      if (legend?.no_data) part.append(list([legend.no_data]));
      if (left) part.append(make("div", "quiet", root.dataset.leftOut.replace("{n}", Number(left).toLocaleString("en"))));
      root.append(part);
    });
    root.hidden = !root.childElementCount;
    return null;
  }
  shell.legend = show;
  window.dash_clientside = Object.assign({}, window.dash_clientside, {legend: {show}});
})();
