#!/bin/sh
# The fonts that a bulletin's PDF embeds; a Debian package when we may install it. Without them all else runs.
set -eu
fc-list 2>/dev/null | grep -q "Noto Serif CJK SC" && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends fonts-noto-cjk fontconfig >/dev/null
else
    echo "Files of bulletins need Chinese fonts: apt-get install fonts-noto-cjk fontconfig" >&2
fi
