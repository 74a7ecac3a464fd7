# SPDX-License-Identifier: MIT
use strict;
use warnings;

use Smoke;
use Test::More;

my %asked = ( boottime => [ 86400, 1 ], monotonic => [ -1, 999999999 ] );

# It is taken and reported, or refused; which of them the kernel has is for others to know.
sub takes {
    my ($route) = @_;
    my ( $shown, @started );
    my @failed = failure { ( $shown, @started ) = clocks( \%asked, route => $route ) };
    if ($shown) {
        is_deeply $shown, add( own(), \%asked );
        is $started[2], $route;
    }
    else {
        is $failed[1], 'route';
        isnt $route, $Timens::Core::ROUTE_FORK;
    }
}

subtest clone3_forced => sub {
    takes $Timens::Core::ROUTE_CLONE3;
};

subtest vfork_forced => sub {
    takes $Timens::Core::ROUTE_VFORK;
};

subtest fork_forced => sub {
    takes $Timens::Core::ROUTE_FORK;
};

done_testing;
