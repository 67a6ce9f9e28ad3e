#!/bin/sh
# Show a folder as /opt/ml to one command, in mounts of its own: opt_ml.sh FOLDER EMPTY_FOLDER COMMAND...
# Runs as root of a new mount namespace; what else is in /opt stays where it is.
set -e
folder=$1 place=$2
shift 2
if [ ! -d /opt/ml ]; then
    mount -t tmpfs tmpfs "$place"
    mkdir "$place/ml"
    for entry in /opt/* /opt/.[!.]*; do
        name=$place/${entry#/opt/}
        if [ -L "$entry" ]; then
            cp -P "$entry" "$name"
        elif [ -d "$entry" ]; then
            mkdir "$name"
            mount --rbind "$entry" "$name"
        elif [ -e "$entry" ]; then
            : > "$name"
            mount --bind "$entry" "$name"
        fi
    done
    mount --rbind "$place" /opt
fi
mount --bind "$folder" /opt/ml
exec "$@"
