/* Filters points on the GPU: a window of seconds and masks of category, channel, state and urgency.
   A change uploads the uniforms below and no point. Each uniform of the block has a line of its own:
   a list on one line makes the layer fail. Seconds travel as two halves of 16 bits, because a float
   holds only 24 bits and a window may be years long. */
(function () {
  "use strict";
  const room = window.mapRoom;
  const CATEGORY_WORDS = 8, CHANNEL_WORDS = 2; /* of 128 codes each */
  const names = [];
  for (let i = 0; i < CATEGORY_WORDS; i++) names.push("category" + i);
  for (let i = 0; i < CHANNEL_WORDS; i++) names.push("channel" + i);

  const block = `\
layout(std140) uniform caseFilterUniforms {
  vec4 window;
  uvec4 others;
${names.map((name) => "  uvec4 " + name + ";").join("\n")}
} caseFilter;
`;
  const pick = (prefix, count) => {
    let text = "";
    for (let i = 0; i < count; i++) text += `  if (at < ${(i + 1) * 128}) return caseFilter.${prefix}${i}[(at / 32) % 4];\n`;
    return text;
  };
  const functions = `\
uint caseFilter_category(int at) {
${pick("category", CATEGORY_WORDS)}  return 0xffffffffu;
}
uint caseFilter_channel(int at) {
${pick("channel", CHANNEL_WORDS)}  return 0xffffffffu;
}
bool caseFilter_bit(uint word, int at) {
  return ((word >> uint(at % 32)) & 1u) == 1u;
}
bool caseFilter_notBefore(vec2 time, vec2 edge) {
  return time.x > edge.x || (time.x == edge.x && time.y >= edge.y);
}
bool caseFilter_keeps(vec4 a, vec2 b) {
  if (!caseFilter_notBefore(a.xy, caseFilter.window.xy)) return false;
  if (caseFilter_notBefore(a.xy, caseFilter.window.zw)) return false;
  int category = int(a.z + 0.5);
  int channel = int(a.w + 0.5);
  return caseFilter_bit(caseFilter_category(category), category)
    && caseFilter_bit(caseFilter_channel(channel), channel)
    && caseFilter_bit(caseFilter.others.x, int(b.x + 0.5))
    && caseFilter_bit(caseFilter.others.y, int(b.y + 0.5));
}
`;
  const uniformTypes = {window: "vec4<f32>", others: "vec4<u32>"};
  names.forEach((name) => { uniformTypes[name] = "vec4<u32>"; });
  const shaderModule = {name: "caseFilter", vs: block + functions, uniformTypes};

  let Extension = null;
  const define = () => {
    if (Extension) return Extension;
    const {LayerExtension} = window.deck;
    Extension = class CaseFilterExtension extends LayerExtension {
      getShaders() {
        return {
          modules: [shaderModule],
          inject: {
            "vs:#decl": "in vec4 filterTimes;\nin vec2 filterStates;\n",
            "vs:#main-end": "if (!caseFilter_keeps(filterTimes, filterStates)) gl_Position = vec4(0.0);\n",
          },
        };
      }
      initializeState() {
        this.getAttributeManager()?.addInstanced({
          filterTimes: {size: 4, accessor: "getFilterTimes"},
          filterStates: {size: 2, accessor: "getFilterStates"},
        });
      }
      draw() {
        this.setShaderModuleProps({caseFilter: this.props.caseFilter});
      }
    };
    Extension.extensionName = "CaseFilterExtension";
    Extension.defaultProps = {
      getFilterTimes: {type: "accessor", value: [0, 0, 0, 0]},
      getFilterStates: {type: "accessor", value: [0, 0]},
      caseFilter: {type: "object", value: null, compare: true},
    };
    return Extension;
  };
  let one = null;
  room.caseFilterExtension = () => (one ??= new (define())());

  const halves = (seconds) => {
    const whole = Math.min(0xffffffff, Math.max(0, Math.ceil(seconds)));
    return [Math.floor(whole / 65536), whole % 65536];
  };
  /* Bits of the codes that a set of prefixes keeps; no set keeps all. */
  const mask = (codes, wanted, words, matches) => {
    const bits = new Uint32Array(words * 4).fill(0xffffffff);
    if (!wanted?.length) return bits;
    bits.fill(0);
    codes.forEach((code, i) => {
      if (wanted.some((one) => matches(code, one)) && i < words * 128) bits[i >> 5] |= 1 << (i & 31);
    });
    return bits;
  };
  const starts = (code, prefix) => code.startsWith(prefix);
  const same = (code, other) => code === String(other);

  /* Uniforms of a brush for content with dictionaries `meta`. */
  room.caseFilterUniforms = (meta, brush) => {
    const seconds = (value, fallback) => {
      const at = value == null ? NaN : Date.parse(value) / 1000 - meta.origin;
      return Number.isFinite(at) ? at : fallback;
    };
    const category = mask(meta.categories || [], brush?.categories, CATEGORY_WORDS, starts);
    const channel = mask(meta.channels || [], brush?.channels, CHANNEL_WORDS, same);
    const state = mask(meta.states || [], brush?.states, 1, same);
    const urgency = mask(["0", "1", "2", "3"], brush?.urgencies, 1, same);
    const uniforms = {
      window: [...halves(seconds(brush?.since, 0)), ...halves(seconds(brush?.until, 0xffffffff))],
      others: [state[0], urgency[0], 0, 0],
    };
    for (let i = 0; i < CATEGORY_WORDS; i++) uniforms["category" + i] = Array.from(category.subarray(i * 4, i * 4 + 4));
    for (let i = 0; i < CHANNEL_WORDS; i++) uniforms["channel" + i] = Array.from(channel.subarray(i * 4, i * 4 + 4));
    return uniforms;
  };
  /* The attributes that the extension reads, widened from the wire. */
  room.caseFilterAttributes = ({n, columns}) => {
    const times = new Float32Array(n * 4), states = new Float32Array(n * 2);
    for (let i = 0; i < n; i++) {
      const second = columns.second[i];
      times[i * 4] = Math.floor(second / 65536);
      times[i * 4 + 1] = second % 65536;
      times[i * 4 + 2] = columns.category[i];
      times[i * 4 + 3] = columns.channel[i];
      states[i * 2] = columns.state[i] & 15;
      states[i * 2 + 1] = columns.state[i] >> 4 & 3; /* bit 6 says overdue */
    }
    return {times, states};
  };
})();
