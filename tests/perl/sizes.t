# SPDX-License-Identifier: MIT
# Structs versioned by their size. Of those only the offsets pass through Perl, as a string.
use strict;
use warnings;

use Smoke;
use Test::More;

my $good = offsets( boottime => [ 86400, 1 ], monotonic => [ 172800, 2 ] );
my %base = ( known => length $good, ver0 => 32, page => 4096, zero => 0 );

sub content {
    my ($row) = @_;
    my $size = $base{ $row->{base} } + $row->{add};
    my $data = substr $good . "\0" x $size, 0, $size;
    my %at = ( first => length $good, middle => int( ( $size + length $good ) / 2 ), last => $size - 1 );
    substr $data, $at{ $row->{dirty} }, 1, "\1" if $row->{dirty};
    return $data;
}

subtest matrix => sub {
    # No string is as long as "max".
    for my $row ( grep { $_->{base} ne 'max' } @{ vectors('sizes')->{cases} } ) {
        my @started;
        my @failed = failure { @started = start( ['true'], offsets => content($row) ) };
        if ( $row->{errno} ) {
            is_deeply [ @failed[ 0, 1 ] ], [ $ERRNO{ $row->{errno} }, 'args' ], $row->{name};
        }
        else {
            is finish(@started), 0, $row->{name};
        }
    }
};

done_testing;
