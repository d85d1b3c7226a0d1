#!/bin/sh
# The same work without a harness: floor.sh <repository> <folder> <number> <floor-agent.mjs> <agent command…>
# A worktree, a turn of the agent, a commit, the gate; then, one at a time, the merge, the gate on the merged tree, the branch.
set -e
repository=$1; folder=$2; number=$3; client=$4; shift 4
worktree=$folder/$number
mkdir -p "$folder/home-$number"
# git reads the records of all worktrees while it adds one, and fails at one that is half written or half gone.
exec 8>"$folder/worktrees"
flock 8
git -C "$repository" worktree add --quiet -b "floor-$number" "$worktree" main
flock -u 8
base=$(git -C "$worktree" rev-parse HEAD)
cd "$worktree"
HOME=$folder/home-$number node "$client" "$worktree" "[scenario:task-$number] work" "$@"
git add --all
git commit --quiet -m "work $number"
node gates/check.mjs
exec 9>"$folder/lane"
flock 9
main=$(git rev-parse main)
if [ "$main" != "$base" ]; then
  git checkout --quiet --detach "$main"
  git merge --quiet --squash "floor-$number" >/dev/null
  git commit --quiet -m "work $number"
  node gates/check.mjs
fi
git -C "$repository" merge --quiet --ff-only "$(git rev-parse HEAD)"
cd /
flock 8
git -C "$repository" worktree remove --force "$worktree"
