/* The address holds the whole view: copying it reproduces the picture, going back restores the last one. */
(function () {
  "use strict";
  const shell = window.shell, {state} = shell;
  const DEFAULTS = {measure: "accepted", mode: "3d", grids: "base", scale: "fixed", lang: "zh", theme: "dark"};
  let layersAtFirst = null;

  shell.address = () => {
    const {filter, view, selection, context, camera} = state;
    const query = new URLSearchParams();
    if (view.area) query.set("area", view.area);
    const away = shell.clock?.away();
    query.set("preset", away ? "custom" : view.preset);
    if (away) query.set("at", shell.clock.iso(shell.clock.told));
    const whole = filter.since === context.since && filter.until === context.until;
    if (!whole || away || view.preset === "custom") { query.set("since", filter.since); query.set("until", filter.until); }
    shell.SETS.forEach((name) => {
      const codes = filter[name] || [];
      if (codes.length && !(name === "areas" && codes.length === 1 && codes[0] === view.area)) query.set(name, codes.join(","));
    });
    Object.entries(DEFAULTS).forEach(([name, value]) => {
      if (view[name] !== value || name === "lang") query.set(name, view[name]);
    });
    const on = Object.keys(view.layers).filter((key) => view.layers[key]);
    if (!shell.same(on, layersAtFirst)) query.set("layers", on.join(","));
    const c = camera;
    if (c) query.set("camera", [c.lon, c.lat, c.zoom, c.pitch, c.bearing].join(","));
    if (selection) query.set("sel", selection.kind + ":" + selection.code);
    const asked = new URLSearchParams(location.search);
    ["kiosk", "every", "tour"].forEach((name) => { if (asked.get(name)) query.set(name, asked.get(name)); });
    if (shell.emergency?.layout()) query.set("layout", shell.emergency.layout());
    if (shell.seat?.()) query.set("seat", shell.seat());
    if (shell.words().topic) query.set("topic", shell.words().topic);
    return location.pathname + "?" + query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
  };

  let restoring = false;
  shell.heard.push((seen, first) => {
    if (first) layersAtFirst = new URLSearchParams(location.search).has("layers") ? null : Object.keys(state.view.layers).filter((key) => state.view.layers[key]);
    const held = {filter: state.filter, view: state.view, selection: state.selection, context: state.context};
    const step = !first && !restoring && !shell.isKiosk() && /* nobody goes back on a display */ (seen.view.area !== state.view.area || !shell.same(seen.selection, state.selection));
    history[step ? "pushState" : "replaceState"](held, "", shell.address());
    restoring = false;
  });
  window.addEventListener("popstate", (event) => {
    if (!event.state?.view) return;
    restoring = true;
    const {filter, view, selection, context} = event.state;
    shell.put("context", context);
    shell.put("view", {...view, camera: state.view.camera});
    shell.put("selection", selection ?? null); // an absent value would leave the store as it is
    shell.put("filter", filter);
  });
})();
