/* Zones of the nets of prevention: faint grounds with an edge, one colour for each net. */
(function () {
  "use strict";
  const room = window.mapRoom;
  room.adapters.zones = (given) => {
    const {type, props, content, json, slot} = given;
    if (!props.visible || !content.features?.length) return null;
    const ground = room.make(type, {
      ...props, id: slot, data: content, filled: true, stroked: false, parameters: room.ALWAYS,
      getFillColor: ({properties}) => json.fills[properties.class] || [0, 0, 0, 0],
    });
    return [ground, room.adapters.roads({...given, slot: slot + "-edges", props: {...props, pickable: false}})];
  };
})();
