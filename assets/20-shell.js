/* The state of the page and every act of its viewer. The stores of the page hold the truth;
   an act changes them with set_props, and the server answers what depends on them.
   Elements say what they do by data-* attributes, so one listener serves all of them. */
(function () {
  "use strict";
  const SETS = ["areas", "categories", "domains", "mechanisms", "channels", "departments", "states", "urgencies"];
  const state = {filter: null, view: null, selection: null, context: null, now: null, camera: null, unit: 0};
  const shell = {state, SETS, acts: {}, heard: []};
  window.shell = shell;

  const IDS = {filter: "shell-filter", view: "shell-view", selection: "shell-selection", context: "shell-context",
    now: "shell-now", camera: "map-camera"};
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  shell.same = same;

  /* Changes first our copy, then the store: two acts in a row both count. */
  shell.put = (name, value) => {
    if (same(state[name], value)) return;
    state[name] = value;
    window.dash_clientside.set_props(IDS[name], {data: value});
  };
  shell.patchView = (changes) => shell.put("view", {...state.view, ...changes});
  shell.patchFilter = (changes) => {
    const next = {...state.filter, ...changes};
    SETS.forEach((name) => { if (next[name] && !next[name].length) delete next[name]; });
    shell.put("filter", next);
  };

  /* ---- acts on the filter ---- */
  shell.toggleCode = (set, code, only) => {
    const held = state.filter[set] || [];
    const on = held.includes(code);
    let next = only ? (on && held.length === 1 ? [] : [code])
      : on ? held.filter((other) => other !== code)
        : [...held.filter((other) => !other.startsWith(code) && !(set !== "departments" && set !== "states"
          && set !== "urgencies" && set !== "channels" && code.startsWith(other))), code];
    next = next.slice().sort();
    if (set === "areas") shell.patchView({area: next.length === 1 ? next[0] : null});
    shell.patchFilter({[set]: next});
  };
  shell.scope = (area) => {
    shell.patchView({area: area && area.length > 6 ? area : null});
    shell.patchFilter({areas: area && area.length > 6 ? [area] : []});
  };
  shell.preset = (key) => {
    const window_ = state.now?.presets?.[key];
    if (!window_) return;
    shell.patchView({preset: key});
    shell.put("context", {since: window_[0], until: window_[1]});
    shell.patchFilter({since: window_[0], until: window_[1]});
  };
  shell.window = (since, until) => shell.patchFilter({since, until});
  shell.clear = () => {
    const context = state.context;
    shell.patchView({area: null});
    shell.put("selection", null);
    shell.put("filter", {...JSON.parse(words().base || "{}"), since: context.since, until: context.until}); /* a theme stays */
    window.mapRoom?.brush(null);
  };

  /* ---- acts on the selection ---- */
  const scopeOf = (selection) => (selection?.kind === "area" && /^\d+$/.test(selection.code) ? selection.code : null);
  shell.select = (kind, code) => shell.put("selection", kind ? {kind, code} : null);
  shell.up = () => {
    if (state.selection && state.selection.kind !== "area") {
      return shell.put("selection", state.view.area ? {kind: "area", code: state.view.area} : null);
    }
    const code = state.view.area;
    if (!code) return shell.put("selection", null);
    const parent = code.slice(0, -3);
    shell.scope(parent);
    shell.put("selection", parent.length > 6 ? {kind: "area", code: parent} : null);
  };

  /* A selected area becomes the scope of everything else, whoever selected it. */
  let lastSelection = null;
  function followSelection() {
    const code = scopeOf(state.selection);
    if (same(lastSelection, state.selection)) return;
    lastSelection = state.selection;
    if (code && (state.view.area || "") !== (code.length > 6 ? code : "")) shell.scope(code);
  }

  /* ---- marks on what is pressed ---- */
  /* In the past a window of one click is one of that moment only where the page has just been put there. */
  const isPreset = (key) => !shell.clock?.away() || shell.same(state.now?.presets?.[key], [state.context?.since, state.context?.until]);
  /* Only what differs is written: a write is a change that would call for marks again. */
  const write = (element, text) => { if (element.textContent !== text) element.textContent = text; };
  shell.mark = () => {
    const {filter, view} = state;
    if (!filter || !view) return;
    document.querySelectorAll("[data-filter][data-code]").forEach((element) => {
      const on = (filter[element.dataset.filter] || []).includes(element.dataset.code);
      element.setAttribute(element.getAttribute("role") === "checkbox" ? "aria-checked" : "aria-pressed", on);
    });
    document.querySelectorAll("[data-layer]").forEach((element) =>
      element.setAttribute("aria-checked", Boolean(view.layers?.[element.dataset.layer])));
    document.querySelectorAll("[data-view]").forEach((element) =>
      element.setAttribute("aria-checked", view[element.dataset.view] === element.dataset.value));
    document.querySelectorAll("[data-preset]").forEach((element) =>
      element.setAttribute("aria-pressed", view.preset === element.dataset.preset && isPreset(view.preset)));
    document.querySelectorAll("[data-count]").forEach((element) => {
      const n = (filter[element.dataset.count] || []).length;
      write(element, n ? String(n) : "");
    });
    document.querySelectorAll("[data-pop]").forEach((element) => {
      const set = element.dataset.pop;
      element.classList.toggle("is-set", SETS.includes(set) && Boolean((filter[set] || []).length));
    });
    document.querySelector('[data-act="mode"]')?.setAttribute("aria-pressed", view.mode === "3d");
    markWords(filter);
    const page = document.querySelector(".page");
    if (page) page.dataset.theme = view.theme;
    document.documentElement.dataset.theme = view.theme;
    document.documentElement.lang = view.lang === "en" ? "en" : "zh-CN";
  };

  /* ---- what the panels count, in words: never the preset when the brush chose less ---- */
  const words = (shell.words = () => document.querySelector(".page")?.dataset || {});
  const instant = (iso) => new Date(iso).getTime();
  function when(iso) {
    const options = {timeZone: state.now?.time_zone || "Asia/Shanghai", hourCycle: "h23", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit"};
    return new Intl.DateTimeFormat("zh-CN", options).format(instant(iso)).replace("/", "-");
  }
  shell.windowWords = (since, until, full) => {
    const {context, view} = state, title = when(since) + " – " + when(until);
    const whole = context && instant(context.since) === instant(since) && instant(context.until) === instant(until);
    const phrase = whole && !shell.clock?.away() && document.querySelector(`[data-preset="${view.preset}"]`)?.dataset.phrase;
    return {text: phrase || (full ? title : words().chosen), title};
  };
  function markWords(filter) {
    const {text, title} = shell.windowWords(filter.since, filter.until);
    const crumbs = document.querySelectorAll("#wall-crumbs .crumb"), areas = filter.areas || [];
    const place = crumbs[crumbs.length - 1]?.textContent || "";
    const scope = areas.length > 1 ? words().many.replace("{n}", areas.length) : place;
    const narrowed = SETS.some((name) => name !== "areas" && (filter[name] || []).length);
    const texts = {window: text, scope, place, narrowed: narrowed ? " · " + words().narrowed : ""};
    document.querySelectorAll("[data-words]").forEach((element) => {
      const {words: key, text: frame} = element.dataset;
      write(element, frame ? frame.replace("{window}", texts[key]) : texts[key]);
      if (key === "window") element.title = title;
    });
  }

  /* The stores changed: take over, mark, tell the others. */
  let seen = {};
  shell.sync = (filter, view, selected, context, now, camera) => {
    const selection = selected ?? null;
    Object.assign(state, {filter, view, selection, context, now, camera});
    const first = !seen.view;
    if (first && (view.area || !scopeOf(selection))) lastSelection = selection; /* an address may name the area once */
    followSelection();
    shell.mark();
    const whole = context && filter.since === context.since && filter.until === context.until;
    if (!same(seen.filter, filter) || !same(seen.context, context)) {
      window.mapRoom?.brush?.(whole ? null : {since: filter.since, until: filter.until});
    }
    shell.heard.forEach((hear) => hear(seen, first));
    seen = {filter, view, selection, context, now, camera};
    return null;
  };

  /* ---- one listener for all that can be pressed ---- */
  const acts = shell.acts;
  Object.assign(acts, {
    clear: shell.clear,
    back: () => shell.up(),
    close: () => shell.put("selection", null),
    mode: () => shell.patchView({mode: state.view.mode === "3d" ? "2d" : "3d"}),
    home: () => { shell.scope(null); shell.put("selection", null); window.mapRoom?.home?.(); },
    "zoom-in": () => zoom(1), "zoom-out": () => zoom(-1),
    fullscreen: () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()),
    theme: (element) => { shell.patchView({theme: element.dataset.value}); reopen(); },
    lang: (element) => { shell.patchView({lang: element.dataset.value}); reopen(); },
    copy: (element) => copy(element),
    table: (element) => {
      const panel = document.querySelector("[data-table-panel]");
      panel.hidden = !panel.hidden;
      element.setAttribute("aria-pressed", !panel.hidden);
      window.dash_clientside.set_props("shell-table", {data: panel.hidden ? null : {kind: "cases", order: "newest"}});
    },
    "apply-time": () => applyTime(),
  });
  function zoom(step) {
    const room = window.mapRoom;
    if (!room) return;
    if (room.zoom) return room.zoom(step);
    room.setCamera({zoom: room.state.camera.zoom + step}, 250);
  }
  /* Language and theme are a matter of the whole document: write the address, open it anew. */
  function reopen() { location.assign(shell.address()); }
  function copy(element) {
    const done = () => { element.classList.add("is-done"); setTimeout(() => element.classList.remove("is-done"), 1200); };
    const text = new URL(shell.address(), location.href).href;
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, () => {});
  }
  function applyTime() {
    const zone = state.context.since.slice(-6);
    const read = (id) => {
      const text = document.getElementById(id).value.trim().replace(" ", "T");
      const full = /^\d{4}-\d\d-\d\d$/.test(text) ? text + "T00:00" : text;
      return /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(full) ? full + ":00" + zone : null;
    };
    const since = read("wall-time-from"), until = read("wall-time-to");
    ["wall-time-from", "wall-time-to"].forEach((id, k) =>
      document.getElementById(id).setAttribute("aria-invalid", !(k ? until : since) || !(since < until)));
    if (!since || !until || !(since < until)) return;
    shell.patchView({preset: "custom"});
    shell.put("context", {since, until});
    shell.patchFilter({since, until});
  }

  document.addEventListener("click", (event) => {
    const element = event.target.closest?.("button, a[data-act]");
    if (element && state.view) {
      const data = element.dataset;
      if (data.act && acts[data.act]) acts[data.act](element);
      else if (data.filter) shell.toggleCode(data.filter, data.code, Boolean(data.only));
      else if (data.select) { shell.select(data.select, data.code); closeAll(); document.activeElement?.blur?.(); }
      else if (data.scope) { shell.scope(data.scope); shell.select(data.scope.length > 6 ? "area" : null, data.scope); }
      else if (data.preset) shell.preset(data.preset);
      else if (data.layer) shell.patchView({layers: {...state.view.layers, [data.layer]: !state.view.layers[data.layer]}});
      else if (data.view) shell.patchView({[data.view]: data.value});
      else if (data.pressing) window.dash_clientside.set_props("shell-pressing", {data: data.pressing});
      else if (data.table) window.dash_clientside.set_props("shell-table", {data: {kind: data.table, order: data.order, descending: data.descending === "1"}});
    }
    closeAll(event.target.closest?.("details.pop"));
  });
  function closeAll(except) {
    document.querySelectorAll("details.pop[open]").forEach((pop) => { if (pop !== except) pop.open = false; });
  }
  shell.closeAll = closeAll;

  /* Content that arrives later is marked as well. */
  let marking = 0;
  new MutationObserver((changes) => {
    const ours = changes.some(({addedNodes}) => [...addedNodes].some((node) => node.nodeType === 1 && !node.closest?.(".map, .chart")));
    if (ours && !marking) marking = requestAnimationFrame(() => { marking = 0; shell.mark(); });
  }).observe(document.documentElement, {childList: true, subtree: true});

  window.dash_clientside = Object.assign({}, window.dash_clientside, {shell: {sync: shell.sync}});
})();
