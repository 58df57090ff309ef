#!/bin/sh
# Checks, then all tests; both always run, so that one red line does not hide another. Arguments go to pytest.
#
# Tests of one file stay in one process (--dist loadfile): a Kivy window, a browser or a database template is made once a
# file, and three processes keep the two processors of the slowest machine we build on busy while one waits. A test that hangs for three
# minutes is ended with a trace of where it hung. Files are begun in the order of tests/conftest.py, the long ones first: left to itself xdist begins
# those of few tests last, which are our longest.
cd "$(dirname "$0")/.." || exit 2
.venv/bin/python scripts/check.py --without-laws
checks=$?
echo
.venv/bin/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder --max-worker-restart 1 --durations 40 --durations-min 2 \
    -o faulthandler_timeout=180 -o faulthandler_exit_on_timeout=true "$@"
tests=$?
if [ "$checks" != 0 ]; then echo "make check found something: see above."; fi
[ "$checks" = 0 ] && [ "$tests" = 0 ]
