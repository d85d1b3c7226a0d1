# Runs a command in a network that has loopback alone: what it sends to the port goes to the first socket in the folder that answers.
# Arguments: folder, port, the command. It becomes the command; the forwarder ends with the namespace that both are in.
use strict;

my ($folder, $port) = splice @ARGV, 0, 2;
socket(my $listener, 2, 1, 0) or die "proxy: socket: $!\n";
setsockopt($listener, 1, 2, pack 'i', 1);
bind($listener, pack 'S n C4 x8', 2, $port, 127, 0, 0, 1) or die "proxy: port $port: $!\n";
listen($listener, 128) or die "proxy: listen: $!\n";
my $child = fork() // die "proxy: fork: $!\n";
if ($child != 0) {
    waitpid $child, 0;
    exec { $ARGV[0] } @ARGV or do { print STDERR "proxy: $ARGV[0]: $!\n"; exit 127 };
}
exit 0 if fork() // die "proxy: fork: $!\n";    # no child of the command
$SIG{CHLD} = 'IGNORE';
open STDIN, '<', '/dev/null';
open STDOUT, '>', '/dev/null';
open STDERR, '>', '/dev/null';
while (1) {
    accept(my $client, $listener) or next;
    my $worker = fork();
    next if !defined $worker || $worker != 0;
    my $proxy = connect_to_proxy() or exit 1;
    relay($client, $proxy);
    exit 0;
}

sub connect_to_proxy {
    opendir(my $entries, $folder) or return;
    for my $name (sort grep { !/^\./ } readdir $entries) {
        socket(my $proxy, 1, 1, 0) or return;
        return $proxy if connect $proxy, pack 'S a108', 1, "$folder/$name";
    }
    return;
}

# Until both sides have said all.
sub relay {
    my %other = (fileno $_[0], $_[1], fileno $_[1], $_[0]);
    my %open = (fileno $_[0], $_[0], fileno $_[1], $_[1]);
    while (%open) {
        my $wanted = '';
        vec($wanted, $_, 1) = 1 for keys %open;
        select(my $ready = $wanted, undef, undef, undef);
        for my $number (grep { vec $ready, $_, 1 } keys %open) {
            my $length = sysread $open{$number}, my $bytes, 65536;
            if (!$length) { shutdown $other{$number}, 1; delete $open{$number}; next }
            for (my $sent = 0; $sent < $length;) {
                my $now = syswrite $other{$number}, $bytes, $length - $sent, $sent;
                return if !defined $now;
                $sent += $now;
            }
        }
    }
}
