/* Casts: a desk sends its view to a wall. The wall is told by its stream what to show; it goes there in place
   where it can, says who sent it, and goes back to where it was. */
(function () {
  "use strict";
  const shell = window.shell, {state} = shell;
  const hhmm = (iso) => new Intl.DateTimeFormat("zh-CN", {timeZone: state.now?.time_zone || "Asia/Shanghai", hourCycle: "h23",
    hour: "2-digit", minute: "2-digit"}).format(new Date(iso));
  const make = (tag, name, text, marks) => {
    const element = Object.assign(document.createElement(tag), {className: name, textContent: text ?? ""});
    Object.entries(marks || {}).forEach(([key, value]) => element.setAttribute(key, value));
    return element;
  };

  /* ---- the desk ---- */
  const place = () => document.querySelector("[data-casts]");
  async function ask(path, body) {
    const answer = await fetch(path, body === undefined ? {} : {method: "POST",
      headers: {"Content-Type": "application/json"}, body: JSON.stringify(body)});
    if (answer.ok) return answer.json();
    const found = await answer.json().catch(() => ({error: String(answer.status)}));
    throw Object.assign(new Error(found.error), {status: answer.status});
  }
  async function list(said) {
    const root = place();
    const {walls} = await ask("/api/casts");
    root.replaceChildren(...(walls.length ? walls.map((wall) => line(wall, root.dataset)) : [make("p", "quiet", root.dataset.none)]));
    if (said) root.append(make("p", said.bad ? "casts__said is-bad" : "casts__said", said.text));
  }
  function line(wall, words) {
    const row = make("div", "casts__wall", "", {"data-wall": wall.id});
    const what = wall.cast ? words.busy.replace("{by}", wall.cast.by).replace("{time}", hhmm(wall.cast.until)) : words.free;
    row.append(make("strong", "", wall.name), make("small", "quiet", what));
    const acts = make("span", "casts__acts");
    words.casts.split(",").forEach((n) => acts.append(make("button", "btn", words.minutes.replace("{n}", n),
      {type: "button", "data-act": "cast", "data-minutes": n, title: words.send})));
    if (wall.cast) acts.append(make("button", "btn", words.end, {type: "button", "data-act": "cast-end"}));
    row.append(acts);
    return row;
  }
  const trouble = (error) => ({bad: true, text: `${error.status === 409 ? place().dataset.refused : place().dataset.failed} (${error.message})`});
  async function act(button, work) {
    const number = Number(button.closest("[data-wall]").dataset.wall);
    button.disabled = true;
    try {
      await list(await work(number));
    } catch (error) {
      place().querySelector(".casts__said")?.remove();
      place().append(make("p", "casts__said is-bad", trouble(error).text));
    } finally {
      button.disabled = false;
    }
  }
  shell.acts.cast = (button) => act(button, async (screen) => {
    const sent = await ask("/api/casts", {screen, address: shell.address().split("?")[1], minutes: Number(button.dataset.minutes)});
    return {text: place().dataset.sent.replace("{time}", hhmm(sent.until))};
  });
  shell.acts["cast-end"] = (button) => act(button, async (screen) => { await ask(`/api/casts/${screen}/end`, {}); });
  document.addEventListener("toggle", async (event) => {
    if (!event.target.open || !place() || !event.target.contains(place())) return;
    try { await list(); } catch (error) { place().replaceChildren(make("p", "casts__said is-bad", trouble(error).text)); }
  }, true);

  /* ---- the wall ---- */
  const KEY = "cast-home"; /* what the wall showed before, if it is opened anew meanwhile */
  const CHOICES = {measure: "accepted", mode: "3d", grids: "base", scale: "fixed"};
  const FLIGHT_MS = 1500;
  let cast = null, sure = false;
  shell.isCast = () => Boolean(cast);

  /* The view of an address, in place; another seat or theme is another document. */
  function go(text) {
    const query = new URLSearchParams(text), get = (name) => query.get(name) || "";
    if (get("seat") !== shell.seat() || get("topic") !== (shell.words().topic || "")) {
      const asked = new URLSearchParams(location.search);
      ["kiosk", "every", "tour", "lang", "theme"].forEach((name) => { if (asked.get(name)) query.set(name, asked.get(name)); });
      shell.leave(location.pathname + "?" + query);
      return;
    }
    const preset = get("preset") || "7d", span = state.now.presets[preset];
    const window_ = {since: get("since") || span?.[0] || state.filter.since, until: get("until") || span?.[1] || state.filter.until};
    const filter = {...window_};
    shell.SETS.forEach((name) => { const codes = get(name).split(",").filter(Boolean); if (codes.length) filter[name] = codes.sort(); });
    if (/^\d{9,15}$/.test(get("area")) && !filter.areas) filter.areas = [get("area")];
    const on = query.has("layers") ? get("layers").split(",") : null;
    const layers = on ? Object.fromEntries(Object.keys(state.view.layers).map((key) => [key, on.includes(key)])) : state.view.layers;
    const choices = Object.fromEntries(Object.entries(CHOICES).map(([name, usual]) => [name, get(name) || usual]));
    const at = Date.parse(get("at"));
    if (at) shell.clock.seek(at, "paused"); else shell.clock.live();
    shell.patchView({...choices, preset, area: get("area") || null, layers});
    shell.put("context", !at && preset !== "custom" && span ? {since: span[0], until: span[1]} : window_);
    const [kind, code] = get("sel").split(/:(.*)/s);
    shell.put("selection", code ? {kind, code} : null);
    shell.put("filter", filter);
    const camera = get("camera").split(",").map(Number);
    if (camera.length === 5 && camera.every(Number.isFinite)) {
      const [lon, lat, zoom, pitch, bearing] = camera;
      requestAnimationFrame(() => window.mapRoom?.setCamera({lon, lat, zoom, pitch, bearing}, FLIGHT_MS));
    }
  }
  function hear(found) {
    if (!document.querySelector(".cast") || found === undefined) return;
    const next = found && Date.parse(found.until) > Date.now() ? found : null;
    if (sure && next?.id === cast?.id) return;
    const before = cast;
    cast = next;
    const home = sessionStorage.getItem(KEY);
    if (next) {
      if (!before && home === null) sessionStorage.setItem(KEY, shell.address().split("?")[1] || "");
      go(next.address);
    } else if (home?.startsWith("page:/")) {
      shell.leave(home.slice("page:".length)); /* that page forgets where it came from, see 63-tour.js */
    } else if (home !== null) {
      sessionStorage.removeItem(KEY);
      go(home);
    }
    sure = true;
    show();
  }
  function show() {
    const line = document.querySelector(".cast");
    if (!line) return;
    const left = cast ? Math.ceil((Date.parse(cast.until) - Date.now()) / 1000) : 0;
    line.hidden = !cast;
    if (!cast) return;
    if (left <= 0) { hear(null); return; }
    const text = line.dataset.cast.replace("{by}", cast.by).replace("{time}", hhmm(cast.at))
      .replace("{left}", Math.floor(left / 60) + ":" + String(left % 60).padStart(2, "0"));
    const words = line.firstElementChild;
    if (words.textContent !== text) words.textContent = text;
  }
  shell.cast = {hear};
  setInterval(show, 1000);
})();
