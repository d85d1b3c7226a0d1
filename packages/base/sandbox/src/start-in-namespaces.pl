# Starts a command in namespaces of its own, where there is no bubblewrap. Only what perl-base has; written for start-up time.
# Arguments: the machine, the steps of a plan in their order (see namespaces.ts), `--`, the command. Everything it starts ends with it.
use strict;

# Numbers of system calls: those added since 2019 are the same on every machine.
my %machines = (
    x64   => { mount => 165, unshare => 272, prctl => 157, capset => 126, close => 3 },
    arm64 => { mount => 40, unshare => 97, prctl => 167, capset => 91, close => 57 },
);
my $machine = shift @ARGV;
my %number = (
    %{ $machines{$machine} || die "sandbox: no system calls are known for $machine\n" },
    open_tree => 428, move_mount => 429, fsopen => 430, fsconfig => 431, fsmount => 432, mount_setattr => 442,
);
my ($CWD, $EMPTY_PATH, $RECURSIVE, $CLONE, $CLOEXEC) = (-100, 0x1000, 0x8000, 1, 0x80000);
my ($READ_ONLY, $NO_SUID, $NO_DEVICES, $NO_PROGRAMS) = (1, 2, 4, 8);
my ($NEW_MOUNTS, $NEW_IPC, $NEW_USERS, $NEW_PIDS, $NEW_NETWORK) = (0x20000, 0x8000000, 0x10000000, 0x20000000, 0x40000000);
my $hardened = $NO_SUID | $NO_DEVICES;

my (@steps, @held, %variables, $network, $inside, $folder, $filter);
read_plan();
my $users = $<;
my $groups = (split / /, $()[0];
my ($user, $group) = ($inside // $users, $inside // $groups);    # what they are called inside

enter($NEW_USERS | $NEW_MOUNTS | $NEW_PIDS | $NEW_IPC | ($network eq 'none' ? $NEW_NETWORK : 0));
call('mount', 'none', '/', my $no_type = '', 0x44000, my $no_data = '');    # private, with all below it
pipe(my $is_parent_alive, my $alive) or fail('pipe');
my $first = fork() // fail('fork');
if ($first != 0) {
    close $is_parent_alive;
    end_with_parent();
    waitpid($first, 0);
    leave($?);
}
close $alive;
end_with_parent();
fcntl($is_parent_alive, 4, 2048) or fail('fcntl');
my $is_over = sysread($is_parent_alive, my $byte, 1);
exit 1 if defined $is_over && $is_over == 0;

open_loopback() if $network eq 'none';
capture($_) for @steps;
my %devices = map { -e "/dev/$_" ? ($_ => clone_tree("/dev/$_")) : () } qw(null zero full random urandom tty);
set_attributes($CWD, '/', $RECURSIVE, $READ_ONLY | $hardened);
make_devices();
mount_new('proc', '/proc', $hardened | $NO_PROGRAMS, '');
for my $path (grep { -e } '/proc/sys', '/proc/sysrq-trigger') {
    my $tree = clone_tree($path);
    set_attributes($tree, '', $EMPTY_PATH | $RECURSIVE, $READ_ONLY);
    place($tree, $path);
}
apply($_) for @steps;
set_attributes($CWD, $_->[1], 0, $READ_ONLY | $hardened) for grep { $_->[0] eq 'hide' } @steps;
enter($NEW_USERS | $NEW_MOUNTS);    # in here, what was mounted outside is locked: no hide can be unmounted
call('close', $_) for @held;        # else /proc/1/fd would lead to them
$0 = 'sandbox';
give_up_powers();
chdir $folder or fail("chdir $folder");
run(@ARGV);

sub read_plan {
    my %length = (private => 1, hide => 1, show => 2, open => 2, overlay => 4, network => 1, user => 1, cwd => 1, set => 2, filter => 1);
    while (defined(my $word = shift @ARGV)) {
        return if $word eq '--';
        my $length = $length{$word} // die "sandbox: $word is no step\n";
        my @step = ($word, splice @ARGV, 0, $length);
        if    ($word eq 'network') { $network = $step[1] }
        elsif ($word eq 'user')    { $inside = $step[1] }
        elsif ($word eq 'cwd')     { $folder = $step[1] }
        elsif ($word eq 'set')     { $variables{ $step[1] } = $step[2] }
        elsif ($word eq 'filter')  { $filter = pack 'H*', $step[1] }
        else                       { push @steps, \@step }
    }
    die "sandbox: no command\n";
}

sub fail { die "sandbox: $_[0]: $!\n" }

# Perl's own syscall refuses constants: arguments are copied.
sub call {
    my ($name, @arguments) = @_;
    my $result = syscall($number{$name}, @arguments);
    fail($name . ' ' . join ' ', map { /^[\x20-\x7e]*$/ ? $_ : '…' } @arguments) if $result == -1;
    return $result;
}

sub enter {
    call('unshare', $_[0]);
    write_file('/proc/self/setgroups', 'deny');
    write_file('/proc/self/uid_map', "$user $users 1");
    write_file('/proc/self/gid_map', "$group $groups 1");
    ($users, $groups) = ($user, $group);
}

sub write_file {
    my ($path, $text) = @_;
    open(my $file, '>', $path) or fail($path);
    syswrite($file, $text) // fail($path);
    close $file or fail($path);
}

sub end_with_parent { call('prctl', 1, 9, 0, 0, 0) }

sub leave { my ($status) = @_; exit($status & 127 ? 128 + ($status & 127) : $status >> 8) }

sub open_loopback {
    socket(my $socket, 2, 2, 0) or fail('socket');
    my $request = pack 'a16 s x22', 'lo', 0x41;
    ioctl($socket, 0x8914, $request) or fail('loopback');
}

sub clone_tree {
    my ($path) = @_;
    return hold(call('open_tree', $CWD, $path, $CLONE | $CLOEXEC | $RECURSIVE));
}

sub hold { push @held, $_[0]; return $_[0] }

sub set_attributes {
    my ($at, $path, $flags, $attributes) = @_;
    my $change = pack 'Q4', $attributes, 0, 0, 0;
    call('mount_setattr', $at, $path, $flags, $change, 32);
}

# What stays is held before anything is hidden.
sub capture {
    my ($step) = @_;
    my ($kind, $path, @more) = @$step;
    if ($kind eq 'show' || $kind eq 'open') {
        my $tree = clone_tree($path);
        set_attributes($tree, '', $EMPTY_PATH | $RECURSIVE, ($kind eq 'show' ? $READ_ONLY : 0) | $hardened);
        @$step = ($kind, $more[0], $tree, -d $path);
    }
    elsif ($kind eq 'overlay') { @$step = ($kind, $path, open_overlay(@more), 1) }
}

sub open_overlay {
    my ($lower, $upper, $work) = @_;
    $lower =~ s/([\\:,])/\\$1/g;
    my $system = hold(call('fsopen', my $type = 'overlay', 1));
    my @settings = ([ 0, 'userxattr' ], [ 1, 'lowerdir', $lower ], [ 1, 'upperdir', $upper ], [ 1, 'workdir', $work ]);
    for my $setting (@settings) {
        my ($command, $key, $value) = @$setting;
        call('fsconfig', $system, $command, $key, $value // 0, 0);
    }
    call('fsconfig', $system, 6, 0, 0, 0);
    return hold(call('fsmount', $system, 1, $hardened));
}

sub apply {
    my ($kind, $path, $tree, $is_folder) = @{ $_[0] };
    if ($kind eq 'private' || $kind eq 'hide') {
        make_place($path, 1);
        mount_new('tmpfs', $path, $hardened, $kind eq 'private' ? 'mode=1777' : 'mode=755');
    }
    else { make_place($path, $is_folder); place($tree, $path) }
}

sub mount_new {
    my ($type, $path, $flags, $data) = @_;
    call('mount', $type, $path, $type, $flags, $data);
}

sub place {
    my ($tree, $path) = @_;
    call('move_mount', $tree, my $itself = '', $CWD, $path, 4);
}

# Below a hidden folder a place to mount on has to be made.
sub make_place {
    my ($path, $is_folder) = @_;
    return if lstat $path;
    my ($parent) = $path =~ m{^(.+)/[^/]+$};
    make_place($parent, 1) if defined $parent;
    if ($is_folder) { mkdir $path, 0755 or fail("mkdir $path") }
    else            { write_file($path, '') }
}

sub make_devices {
    mount_new('tmpfs', '/dev', $NO_SUID, 'mode=755');
    for my $name (keys %devices) {
        write_file("/dev/$name", '');
        place($devices{$name}, "/dev/$name");
    }
    mkdir "/dev/$_", 0755 for 'pts', 'shm';
    mount_new('devpts', '/dev/pts', $NO_SUID | $NO_PROGRAMS, 'newinstance,ptmxmode=0666,mode=620');
    mount_new('tmpfs', '/dev/shm', $hardened, 'mode=1777');
    my %links = (ptmx => 'pts/ptmx', fd => '/proc/self/fd', stdin => '/proc/self/fd/0', stdout => '/proc/self/fd/1', stderr => '/proc/self/fd/2');
    symlink $links{$_}, "/dev/$_" for keys %links;
    set_attributes($CWD, '/dev', 0, $READ_ONLY | $NO_SUID);
}

sub give_up_powers {
    call('prctl', 38, 1, 0, 0, 0);    # no new privileges
    for my $capability (0 .. 63) { last if syscall($number{prctl}, my $drop = 24, $capability, 0, 0, 0) == -1 }
    call('prctl', 47, 4, 0, 0, 0);    # none is handed to programs
    my $header = pack 'L2', 0x20080522, 0;
    my $none = pack 'L6', (0) x 6;
    call('capset', $header, $none);
    return if !defined $filter;
    my $program = pack 'S x![P] P', length($filter) / 8, $filter;
    call('prctl', 22, 2, $program, 0, 0);
}

# The first process of a pid namespace: it waits for all, and its end ends all.
sub run {
    my @command = @_;
    my $child = fork() // fail('fork');
    if ($child == 0) {
        $ENV{$_} = $variables{$_} for keys %variables;
        exec { $command[0] } @command or do { print STDERR "sandbox: $command[0]: $!\n"; exit 127 };
    }
    while ((my $ended = waitpid(-1, 0)) != -1) { leave($?) if $ended == $child }
    exit 1;
}
