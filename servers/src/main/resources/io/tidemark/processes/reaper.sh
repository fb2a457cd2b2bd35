# Outlives the command that started it, only to clean up after it.
# Reads orders from standard input, one a line:
#   pid SIGNAL PID        end this process if the command dies
#   forget PID            not this process: it has ended
#   pidfile SIGNAL FILE   the same for the process named in the first line of FILE
#   done                  the command cleaned up itself: nothing to do
# When the input ends without "done", the command was killed: the processes get their signals, and
# the directory $1 is removed.
trap '' INT TERM HUP
pids=
files=
while read -r order signal target; do
  case $order in
    pid) pids="$pids $signal:$target" ;;
    forget)
      kept=
      for entry in $pids; do
        [ "${entry#*:}" = "$signal" ] || kept="$kept $entry"
      done
      pids=$kept
      ;;
    pidfile) files="$files $signal:$target" ;;
    done) exit 0 ;;
  esac
done
IFS=' '
for file in $files; do
  path=$1/${file#*:}
  if [ -f "$path" ]; then
    read -r pid < "$path"
    pids="$pids ${file%%:*}:$pid"
  fi
done
for entry in $pids; do
  kill -s "${entry%%:*}" "${entry#*:}" 2> /dev/null
  # A stopped process does not hear of it before it goes on.
  kill -s CONT "${entry#*:}" 2> /dev/null
done
for entry in $pids; do
  seconds=0
  while kill -s 0 "${entry#*:}" 2> /dev/null && [ "$seconds" -lt 60 ]; do
    sleep 1
    seconds=$((seconds + 1))
  done
done
rm -rf "$1"
