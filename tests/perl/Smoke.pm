# SPDX-License-Identifier: MIT
# What the files of this suite share. It is a smoke suite: some cases of the other languages' suites, by
# their names, on the module as SWIG makes it.
package Smoke;

use strict;
use warnings;

use Exporter 'import';
use File::Basename 'dirname';
use JSON::PP ();
use POSIX ();
use Test::More;
use Timens::Core;

our @EXPORT = qw(add clocks failure finish offsets own output slurp start vectors %ERRNO);

our %ERRNO = map { $_ => POSIX->can($_)->() } qw(EINVAL ENOENT ENOTDIR EPERM ERANGE ESRCH ETIMEDOUT E2BIG EBADF);

my $HERE = dirname(__FILE__);
my $PROGRAMS = $ENV{TIMENS_TEST_PROGRAMS} // die "TIMENS_TEST_PROGRAMS must name the folder with the test programs\n";

sub slurp {
    my ($path) = @_;
    open my $file, '<', $path or die "$path: $!\n";
    local $/;
    return scalar <$file>;
}

# A test vector of all languages.
sub vectors {
    my ($name) = @_;
    return JSON::PP->new->utf8->decode(slurp("$HERE/../vectors/$name.json"));
}

# struct timens_offsets.
sub offsets {
    my (%asked) = @_;
    return pack 'q4', map { @{ $asked{$_} // [ 0, 0 ] } } qw(boottime monotonic);
}

# A case that fails may leave a program behind, for which prove would wait.
my %running;
END { kill KILL => keys %running if %running }

# pid, pidfd, route and whether it has a user namespace.
sub start {
    my ( $argv, %asked ) = @_;
    my @started = Timens::Core::spawn( { argv => $argv, %asked } );
    $running{ $started[0] } = 1;
    return @started;
}

# The status of waitpid(2).
sub finish {
    my ( $pid, $pidfd ) = @_;
    my $status = Timens::Core::wait( $pid, $pidfd, -1, 0 );
    delete $running{$pid};
    return $status;
}

# What a program prints that must succeed, and what its start answered.
sub output {
    my ( $argv, %asked ) = @_;
    pipe my $reader, my $writer or die "pipe: $!\n";
    my @started = start( $argv, %asked, fds => pack 'l2', 1, fileno $writer );
    close $writer;
    local $/;
    my $text = <$reader>;
    is finish(@started), 0, "@$argv";
    return ( $text, @started );
}

# The offsets that a program shows, as this process's are; and what its start answered.
sub clocks {
    my ( $asked, %more ) = @_;
    my ( $text, @started ) = output( ["$PROGRAMS/clocks"], %more, offsets => $asked && offsets(%$asked) );
    my %shown = map { $_ => [ $text =~ /^$_ +(-?\d+) +(\d+)$/m ] } qw(boottime monotonic);
    return ( \%shown, @started );
}

# The offsets of this process.
sub own {
    my @own = Timens::Core::read(0);
    return { boottime => [ @own[ 0, 1 ] ], monotonic => [ @own[ 2, 3 ] ] };
}

# The sum of two pairs of offsets.
sub add {
    my ( $one, $other ) = @_;
    my %sum;
    for my $clock (qw(boottime monotonic)) {
        my ( $sec, $nsec ) = map { $one->{$clock}[$_] + ( $other->{$clock} // [ 0, 0 ] )->[$_] } 0, 1;
        $sum{$clock} = [ $sec + int( $nsec / 1e9 ), $nsec % 1000000000 ];
    }
    return \%sum;
}

# How a call fails: errno, stage and message.
sub failure(&) {
    my ($call) = @_;
    return 'did not fail' if eval { $call->(); 1 };
    return ref $@ ? @{$@}{qw(errno stage message)} : $@;
}

1;
