# SPDX-License-Identifier: MIT
use strict;
use warnings;

use Smoke;
use Test::More;

my $offsets = offsets( boottime => [ 1, 0 ] );

sub shell {
    my ($text) = @_;
    return start( [ 'sh', '-c', $text ], offsets => $offsets );
}

subtest exit_status => sub {
    is finish( shell("exit $_") ), $_ << 8 for 0, 1, 255;
};

subtest killed_by_signal => sub {
    is finish( shell("kill -$_ \$\$") ), $_ for 15, 9;
};

subtest wait_times_out => sub {
    my ( $pid, $pidfd ) = shell 'exec sleep 1000';
    my @failed = failure { Timens::Core::wait( $pid, $pidfd, 0, 10000000 ) };
    is_deeply [ @failed[ 0, 1 ] ], [ $ERRNO{ETIMEDOUT}, 'wait' ];
    Timens::Core::kill( $pid, $pidfd, 9 );
    is finish( $pid, $pidfd ), 9;
};

subtest kill_bad_signal => sub {
    my ( $pid, $pidfd ) = shell 'exec sleep 1000';
    my @failed = failure { Timens::Core::kill( $pid, $pidfd, 999 ) };
    is_deeply [ @failed[ 0, 1 ] ], [ $ERRNO{EINVAL}, 'kill' ];
    Timens::Core::kill( $pid, $pidfd, 15 );
    is finish( $pid, $pidfd ), 15;
};

done_testing;
