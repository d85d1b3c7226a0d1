# Starts a command under Landlock and a filter of system calls, where the machine forbids namespaces: a part of what a plan says.
# It cannot keep one file of a writable folder from being written, gives no loopback of its own and shows the names of what it hides.
# Arguments: the machine, the steps of a plan in their order (see landlock.ts), `--`, the command.
use strict;

my %machines = (x64 => { prctl => 157, capset => 126 }, arm64 => { prctl => 167, capset => 91 });
my $machine = shift @ARGV;
my %number = (%{ $machines{$machine} || die "sandbox: no system calls are known for $machine\n" }, create => 444, add => 445, restrict => 446);
my ($EXECUTE, $WRITE, $READ, $LIST, $REFER, $TRUNCATE, $DEVICES) = map { 1 << $_ } 0, 1, 2, 3, 13, 14, 15;
my $version = syscall($number{create}, my $no_rules = 0, my $no_size = 0, my $ask_version = 1);
die "sandbox: the kernel has no Landlock\n" if $version < 1;
my $handled = (1 << 13) - 1;
$handled |= $REFER    if $version >= 2;
$handled |= $TRUNCATE if $version >= 3;
$handled |= $DEVICES  if $version >= 5;
my $of_files = $handled & ($EXECUTE | $WRITE | $READ | $TRUNCATE | $DEVICES);
my %access = (
    hide   => 0,
    show   => $EXECUTE | $READ | $LIST,
    open   => $handled & ~$DEVICES,
    device => $handled & ($READ | $WRITE | $DEVICES),
);

my (%seen, %variables, $folder, $filter);
read_plan();
$seen{$_} = 'hide'   for '/dev';
$seen{$_} = 'device' for grep { -e } map { "/dev/$_" } qw(null zero full random urandom tty ptmx pts shm);
my $own_temporary = private_folder();
$seen{$own_temporary} = 'open';

my $child = fork() // fail('fork');
if ($child == 0) { confine(); run() }
syscall($number{prctl}, my $adopt = 36, my $yes = 1, 0, 0, 0);
$SIG{$_} = sub { kill $_[0], $child } for qw(TERM INT HUP);
1 while waitpid($child, 0) == -1 && $!{EINTR};
my $status = $?;
end_all();
system 'rm', '-rf', '--', $own_temporary;
exit($status & 127 ? 128 + ($status & 127) : $status >> 8);

sub fail { die "sandbox: $_[0]: $!\n" }

sub read_plan {
    my %length = (private => 1, hide => 1, show => 1, open => 1, cwd => 1, set => 2, filter => 1);
    while (defined(my $word = shift @ARGV)) {
        return if $word eq '--';
        my $length = $length{$word} // die "sandbox: $word is no step\n";
        my @step = ($word, splice @ARGV, 0, $length);
        if    ($word eq 'cwd')     { $folder = $step[1] }
        elsif ($word eq 'set')     { $variables{ $step[1] } = $step[2] }
        elsif ($word eq 'filter')  { $filter = pack 'H*', $step[1] }
        elsif ($word eq 'private') { $seen{ $step[1] } = 'hide' }
        else                       { $seen{ $step[1] } = $word }
    }
    die "sandbox: no command\n";
}

sub private_folder {
    my $name = join '', map { sprintf '%02x', int rand 256 } 1 .. 8;
    mkdir "/tmp/cox-$name", 0700 or fail('a temporary folder');
    return "/tmp/cox-$name";
}

sub confine {
    my $attributes = pack 'Q3', $handled, 0, 3;    # abstract sockets and signals stay inside
    my $size = $version >= 6 ? 24 : $version >= 4 ? 16 : 8;
    my $rules = syscall($number{create}, $attributes, $size, 0);
    fail('landlock') if $rules == -1;
    allow($rules, '/', $LIST);
    expand($rules, '/', 'show');
    syscall($number{prctl}, my $no_more_powers = 38, my $on = 1, 0, 0, 0) == 0 or fail('no new privileges');
    give_up_powers();
    syscall($number{restrict}, $rules, 0) == 0 or fail('landlock');
    my $program = pack 'S x![P] P', length($filter) / 8, $filter;
    syscall($number{prctl}, my $set_filter = 22, my $by_program = 2, $program, 0, 0) == 0 or fail('the filter');
}

# A rule holds for all below: where something below is different, each entry gets its own.
sub expand {
    my ($rules, $path, $kind) = @_;
    my $below = $path eq '/' ? '/' : "$path/";
    if (!grep { $_ ne $path && index($_, $below) == 0 } keys %seen) { return $access{$kind} && allow($rules, $path, $access{$kind}) }
    return allow($rules, $path, $access{open}) if $kind eq 'open';
    opendir(my $entries, $path) or return;
    for my $name (grep { $_ ne '.' && $_ ne '..' } readdir $entries) {
        my $entry = "$below$name";
        next if -l $entry;
        expand($rules, $entry, $seen{$entry} // $kind);
    }
}

sub allow {
    my ($rules, $path, $access) = @_;
    sysopen(my $place, $path, 0x280000) or return;    # O_PATH
    my $rule = pack 'Q l', -d $place ? $access : $access & $of_files, fileno $place;
    syscall($number{add}, $rules, my $beneath = 1, $rule, 0) == 0 or fail("landlock $path");
}

sub give_up_powers {
    for my $capability (0 .. 63) { last if syscall($number{prctl}, my $drop = 24, $capability, 0, 0, 0) == -1 }
    syscall($number{prctl}, my $ambient = 47, my $clear = 4, 0, 0, 0);
    my $header = pack 'L2', 0x20080522, 0;
    my $none = pack 'L6', (0) x 6;
    syscall($number{capset}, $header, $none) == 0 or fail('capset');
}

sub run {
    syscall($number{prctl}, my $when_parent_ends = 1, my $kill = 9, 0, 0, 0);
    chdir $folder or fail("chdir $folder");
    $ENV{$_} = $variables{$_} for keys %variables;
    $ENV{TMPDIR} = $own_temporary if !grep { $seen{$_} eq 'open' && index("$ENV{TMPDIR}/", "$_/") == 0 } keys %seen;
    exec { $ARGV[0] } @ARGV or do { print STDERR "sandbox: $ARGV[0]: $!\n"; exit 127 };
}

# What the command left behind is ours by now.
sub end_all {
    while (1) {
        open(my $list, '<', "/proc/self/task/$$/children") or return;
        my @left = split ' ', <$list> // '';
        return if !@left;
        kill 'KILL', @left;
        waitpid $_, 0 for @left;
    }
}
