#!/bin/sh
# Builds dumbbell.cc against Debian's ns3 and libns3-dev (apt-get install ns3 libns3-dev g++), into the path that is given.
set -eu
here=$(dirname "$0")
g++ -O2 -DNDEBUG -std=c++17 -o "${1:-$here/dumbbell}" "$here/dumbbell.cc" \
  -lns3-applications -lns3-internet -lns3-point-to-point -lns3-traffic-control -lns3-network -lns3-core
