// Loaded before the map's bundle, which asks at once whether it may compile machine code.
// The policy of the page says no and would report the attempt; so there is nothing to ask.
"use strict";

delete window.WebAssembly;
