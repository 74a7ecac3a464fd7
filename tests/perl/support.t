# SPDX-License-Identifier: MIT
use strict;
use warnings;

use Smoke;
use Test::More;

subtest says_yes_here => sub {
    my ( $available, $userns, $route, $exec_enters, $clone3, @why_not ) = Timens::Core::support();
    is $available, 1;
    is_deeply \@why_not, [];
    my ( $pid, $pidfd, $taken, $in_userns ) = start( ['true'], offsets => offsets( boottime => [ 1, 0 ] ) );
    is finish( $pid, $pidfd ), 0;
    is_deeply [ $taken, $in_userns ], [ $route, $userns ];
};

done_testing;
